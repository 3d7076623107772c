/** HTML as a browser would take it. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5';

export interface HtmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface HtmlDocument {
  /** Codes of the HTML standard: what a browser has to mend by itself. */
  readonly errors: readonly string[];
  readonly elements: readonly HtmlElement[];
  /** All text that is shown, in order, without style sheets. */
  readonly text: string;
}

export function htmlDocument(source: string): HtmlDocument {
  const errors: string[] = [];
  const elements: HtmlElement[] = [];
  let text = '';
  const walk = (node: DefaultTreeAdapterTypes.ChildNode): void => {
    if (node.nodeName === '#text' && 'value' in node) text += node.value;
    if (!('tagName' in node)) return;
    elements.push({
      name: node.tagName,
      attributes: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])),
    });
    if (node.tagName !== 'style') node.childNodes.forEach(walk);
  };
  parse(source, { onParseError: ({ code }) => errors.push(code) }).childNodes.forEach(walk);
  return { errors, elements, text };
}
