/** HTML as a browser would take it. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5';

export interface HtmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Name of the element that it stands in; empty for the outermost. */
  readonly parent: string;
  /** All text in it. */
  readonly text: string;
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
  const walk = (node: DefaultTreeAdapterTypes.ChildNode, parent: string): string => {
    if (node.nodeName === '#text' && 'value' in node) return node.value;
    if (!('tagName' in node)) return '';
    const attributes = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]));
    const place = elements.push({ name: node.tagName, attributes, parent, text: '' }) - 1;
    if (node.tagName === 'style') return '';
    const text = node.childNodes.map((child) => walk(child, node.tagName)).join('');
    elements[place] = { name: node.tagName, attributes, parent, text };
    return text;
  };
  const tree = parse(source, { onParseError: ({ code }) => errors.push(code) });
  return { errors, elements, text: tree.childNodes.map((child) => walk(child, '')).join('') };
}
