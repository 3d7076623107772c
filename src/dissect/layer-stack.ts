/** The layers of a packet as they are found, from the outside in, and what is said of the innermost one. */
import type { GreView } from '../gre/view.ts';
import type { Window } from '../octets/window.ts';
import type { Layout } from '../wire/layout.ts';
import { type Layer, layerOf, padding, secret, type Tree, type TreeField, treeOf, undecoded } from '../wire/tree.ts';
import type { AssembledPacket } from './multilink.ts';
import type { PacketKnowledge, PacketSoFar } from './packet-knowledge.ts';

export class LayerStack implements PacketSoFar {
  /** The octets of a packet, or of what was put together from several. */
  readonly window: Window;
  /** From the outside in; together they cover every octet exactly once. */
  readonly layers: Layer[] = [];
  /** The protocol that the packet is about: one of `protocolWords`. */
  protocol = 'data';
  /** One line. Captured text in it is as it was captured. */
  summary = '';
  /** A header or a length contradicts its format. */
  malformed = false;
  /** Addresses of the outermost IP header; null without one. */
  source: string | null = null;
  destination: string | null = null;
  /** Of enhanced GRE; null without one. */
  gre: GreView | null = null;
  /** What a multilink fragment completed. */
  assembled: AssembledPacket | null = null;
  /** User data: what the ladder counts and does not list. */
  isData = false;
  readonly knowledge: PacketKnowledge;
  /** Octets that no layer describes may be of a password, a challenge or a response. */
  covering = false;
  /** Packets that the one that is read lies in. */
  nested = 0;

  constructor(window: Window, knowledge: PacketKnowledge) {
    this.window = window;
    this.knowledge = knowledge;
  }

  /** Whether one more packet inside `nested` others is looked at. */
  takesApart(nested: number): boolean {
    return !this.knowledge.limits.full('nested-packets', nested);
  }

  /** Octets after what a length field spoke of. */
  excess(name: string, word: string, start: number, end: number): void {
    const from = Math.max(start, this.covered());
    if (from >= end) return;
    const zero = this.window.bytes.subarray(from, end).every((octet) => octet === 0);
    const leaf = zero ? padding(this.window, from, end) : this.unknown(undecoded(this.window, from, end, 'excess'));
    this.plain(`${name} ${zero ? 'padding' : 'rest'}`, word, null, [leaf]);
  }

  /** A layer of what up to `end` is in none. */
  fill(end: number): void {
    const from = this.covered();
    if (from < end) this.plain('Data', this.protocolBelow(), null, [this.unknown(undecoded(this.window, from, end))]);
  }

  /** A leaf of octets of which nobody knows what they are. */
  unknown(leaf: TreeField): TreeField {
    return this.covering ? secret(leaf) : leaf;
  }

  /** Where the octets begin that are in no layer. */
  covered(): number {
    return this.layers.at(-1)?.end ?? 0;
  }

  /** Of the innermost layer so far. */
  protocolBelow(): string {
    return this.layers.at(-1)?.protocol ?? 'data';
  }

  /** What the packet is taken to be about, until something further in is found. */
  about(protocol: string, summary: string): void {
    this.protocol = protocol;
    this.summary = summary;
  }

  /** A layer of fields that no layout describes. */
  plain(name: string, protocol: string, source: string | null, fields: readonly TreeField[]): void {
    const start = fields[0]?.start ?? this.covered();
    const end = fields.at(-1)?.end ?? start;
    this.layers.push({ name, protocol, source, start, end, fields, fault: null });
  }

  /** The layer of a header that is known to fill the octets, or as much of it as they hold. */
  add<Value extends object>(format: Layout<Value>, word: string, start: number, end: number): Tree<Value> {
    const tree = treeOf(format, this.window, start, end, 'capture length');
    this.push(format, word, start, tree);
    return tree;
  }

  /** The layer of a header; `word`: one of `protocolWords`. */
  push(
    format: { readonly name: string; readonly source: string },
    word: string,
    start: number,
    tree: Tree<object>,
  ): void {
    this.layers.push(layerOf(format, word, start, tree));
    this.protocol = word;
    if (tree.fault !== null && tree.fault.boundedBy !== 'capture length') this.malformed = true;
  }
}
