/**
 * A report's document as part of the page. Its own door has made text of all that was captured; here a second look finds
 * what no report has, should that door ever fail.
 */

const names: ReadonlySet<string> = new Set(
  'section h1 h2 h3 h4 h5 p a span dl div dt dd table thead tbody tr th td wbr details summary'.split(' '),
);
const attributes: ReadonlySet<string> = new Set(['class', 'id', 'scope', 'role', 'aria-label']);

/** What stands in the document's `main`. Throws an Error where an element or an attribute of it is none of a report's. */
export function contentOf(source: string): DocumentFragment {
  // Nothing runs or is loaded in a document that is only parsed. Its style is the page's own, and stays behind.
  const body = source.slice(source.indexOf('<main>'));
  const main = new DOMParser().parseFromString(body, 'text/html').querySelector('main');
  if (main === null) throw new Error('the report is empty');
  for (const element of main.querySelectorAll('*')) {
    if (!names.has(element.localName)) throw new Error(`the report has <${element.localName}>`);
    for (const { name, value } of element.attributes) {
      const inside = name === 'href' && value.startsWith('#');
      if (!inside && !attributes.has(name)) throw new Error(`the report has ${name} of <${element.localName}>`);
    }
  }
  const content = document.createDocumentFragment();
  content.append(...main.childNodes);
  return content;
}
