/** Writes one value after the other as packed strings. */
import { charactersOf, charactersOfList } from './characters.ts';
import {
  longestSharedText,
  millionth,
  Recent,
  shortArrays,
  shortestAgain,
  shortestEnd,
  shortObjects,
  shortSharedTexts,
  smallNumbers,
  tag,
} from './pack-format.ts';
import { type Fields, type Place, plainObjects, type Root, type Shape, type ShapeTable } from './pack-shapes.ts';

/** Below this they are no shorter. */
const shortestThousands = 0x4000;
/** Above this a double is not longer. */
const largestDecimal = 2 ** 42;

/** Texts that are kept once; of a capture's very many, later ones are packed in full. */
const sharedTextsAtMost = 8192;
/** Texts that came once, and are remembered in case they come again. */
const candidatesAtMost = 2048;
const shortestLike = 8;
/** Texts of one value that can be referred to. */
const textsOfValueAtMost = 4096;

export class PackWriter {
  private readonly shapes: ShapeTable;
  private readonly sharedTexts: string[];
  private readonly placesOfTexts = new Map<string, number>();
  /** Texts that came in one value so far: its number and, in the last digits, which of its texts that was. */
  private readonly candidates = new Map<string, number>();
  private packed = 0;
  /** Texts of the value that is being packed. */
  private texts = 0;

  private readonly codes: number[] = [];
  private at = 0;
  /** Instances of the value that is being packed, by their order. */
  private places = new Map<unknown, number>();
  private readonly recent = new Recent();
  private readonly eight = new DataView(new ArrayBuffer(8));
  /** That of the values themselves. */
  private readonly outermost: Place = { latest: null };

  /** `sharedTexts`: those that are kept once, to which the writer adds. */
  constructor(shapes: ShapeTable, sharedTexts: string[]) {
    this.shapes = shapes;
    this.sharedTexts = sharedTexts;
    for (const [place, text] of sharedTexts.entries()) this.placesOfTexts.set(text, place);
  }

  /** As `Packer.pack`. */
  pack(value: unknown, outside: readonly object[]): string {
    this.at = 0;
    this.recent.clear();
    this.packed += 1;
    this.texts = 0;
    // A new one each time: one that is cleared holds on, in V8, to all that was in it until everything is collected.
    if (this.places.size > 0) this.places = new Map();
    for (const object of outside) this.places.set(object, this.places.size);
    this.write(value, this.outermost);
    return charactersOfList(this.codes, this.at);
  }

  private octet(value: number): void {
    this.codes[this.at] = value;
    this.at += 1;
  }

  /** Seven bits in an octet, the lowest first. */
  private length(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.octet((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.octet(rest);
  }

  private write(value: unknown, place: Place): void {
    switch (typeof value) {
      case 'number':
        this.number(value);
        return;
      case 'string':
        this.string(value);
        return;
      case 'boolean':
        this.octet(value ? tag.true : tag.false);
        return;
      case 'undefined':
        this.octet(tag.undefined);
        return;
      case 'object':
        if (value === null) this.octet(tag.null);
        else this.object(value, place);
        return;
      default:
        throw new TypeError(`a ${typeof value} cannot be packed`);
    }
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value >= 0 && value < smallNumbers) this.octet(value);
      else this.whole(value);
      return;
    }
    const millionths = Math.round(value * millionth);
    if (Math.abs(millionths) < largestDecimal && millionths !== 0 && millionths / millionth === value) {
      this.octet(millionths > 0 ? tag.positiveDecimal : tag.negativeDecimal);
      this.length(Math.abs(millionths));
      return;
    }
    this.octet(tag.double);
    this.eight.setFloat64(0, value);
    for (let at = 0; at < 8; at += 1) this.octet(this.eight.getUint8(at));
  }

  private whole(value: number): void {
    const { whole } = this.recent;
    for (let index = 0; index < 4; index += 1) {
      const more = value - (whole[index] ?? 0);
      if (more < -64 || more > 63) continue;
      this.octet(tag.near + index);
      this.octet(more + 64);
      whole[index] = value;
      return;
    }
    if (value >= shortestThousands && value % 1000 === 0) {
      this.octet(tag.thousands);
      this.length(value / 1000);
    } else {
      this.octet(value < 0 ? tag.negative : tag.positive);
      this.length(Math.abs(value));
    }
    this.recent.note(value);
  }

  private string(value: string): void {
    const before = this.recent.text;
    const same = sameStart(value, before);
    if (same >= shortestLike && value.length - same <= shortestEnd && this.likeText(value, same)) return;
    if (this.knownText(value)) return;
    if (same < shortestLike || !this.likeText(value, same)) this.wholeText(value);
  }

  /** False where nothing was written, and the text is to be written itself. */
  private knownText(value: string): boolean {
    const place = this.placesOfTexts.get(value);
    if (place !== undefined) {
      this.sharedText(place);
      return true;
    }
    if (value.length < shortestAgain) return false;
    if (value.length <= longestSharedText) {
      const earlier = this.candidates.get(value);
      if (earlier !== undefined) {
        if (Math.floor(earlier / textsOfValueAtMost) === this.packed) {
          this.octet(tag.textAgain);
          this.length(earlier % textsOfValueAtMost);
          return true;
        }
        // A text that comes in a second value is likely to come in more: from now on it is kept once.
        if (this.sharedTexts.length < sharedTextsAtMost) {
          this.candidates.delete(value);
          this.sharedText(this.share(value));
          return true;
        }
      }
      if (this.texts < textsOfValueAtMost) {
        if (this.candidates.size >= candidatesAtMost) this.candidates.clear();
        this.candidates.set(value, this.packed * textsOfValueAtMost + this.texts);
      }
    }
    this.texts += 1;
    return false;
  }

  private sharedText(place: number): void {
    if (place < shortSharedTexts) this.octet(tag.shortSharedText + place);
    else {
      this.octet(tag.sharedText);
      this.length(place);
    }
  }

  /** Answers its place. */
  private share(text: string): number {
    const place = this.sharedTexts.length;
    this.placesOfTexts.set(text, place);
    this.sharedTexts.push(text);
    return place;
  }

  private wholeText(value: string): void {
    this.recent.text = value;
    const start = this.at;
    this.octet(tag.octetText);
    this.length(value.length);
    if (this.characters(value, 0)) return;
    this.at = start;
    this.octet(tag.wideText);
    this.length(value.length);
    for (let at = 0; at < value.length; at += 1) {
      const code = value.charCodeAt(at);
      this.octet(code >> 8);
      this.octet(code & 0xff);
    }
  }

  /** Times of one call differ in their last digits alone. False where nothing was written. */
  private likeText(value: string, same: number): boolean {
    const start = this.at;
    this.octet(tag.likeText);
    this.length(same);
    this.length(value.length - same);
    if (this.characters(value, same)) {
      this.recent.text = value;
      return true;
    }
    this.at = start;
    return false;
  }

  /** False where one is no octet. */
  private characters(value: string, from: number): boolean {
    for (let at = from; at < value.length; at += 1) {
      const code = value.charCodeAt(at);
      if (code > 0xff) return false;
      this.octet(code);
    }
    return true;
  }

  /** Whether an instance has its place already: then only that is written. */
  private again(value: object): boolean {
    const place = this.places.get(value);
    if (place === undefined) {
      this.places.set(value, this.places.size);
      return false;
    }
    this.octet(tag.again);
    this.length(place);
    return true;
  }

  private object(value: object, place: Place): void {
    if (Array.isArray(value)) {
      this.array(value, place);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) this.fields(value as Fields, this.shapes.plain, place);
    else if (value instanceof Map) this.map(value, place);
    else if (value instanceof Uint8Array) this.octets(value);
    else if (!this.again(value)) {
      const root = this.shapes.rootOfPrototype(prototype);
      if (root === undefined) throw new TypeError(`an instance of ${value.constructor.name} cannot be packed`);
      this.fields(value as Fields, root, place);
    }
  }

  private array(value: readonly unknown[], place: Place): void {
    if (value.length < shortArrays) this.octet(tag.shortArray + value.length);
    else {
      this.octet(tag.array);
      this.length(value.length);
    }
    for (let index = 0; index < value.length; index += 1) this.write(value[index], place);
  }

  private map(value: ReadonlyMap<unknown, unknown>, place: Place): void {
    this.octet(tag.map);
    this.length(value.size);
    for (const [key, held] of value) {
      this.write(key, place);
      this.write(held, place);
    }
  }

  private octets(value: Uint8Array): void {
    const start = this.at;
    this.octet(tag.textBytes);
    if (value.length <= longestSharedText && this.knownText(charactersOf(value))) return;
    this.at = start;
    this.octet(tag.bytes);
    this.length(value.length);
    for (let at = 0; at < value.length; at += 1) this.octet(value[at] ?? 0);
  }

  private fields(value: Fields, root: Root, place: Place): void {
    const shape = this.shapes.shapeOf(value, root, place);
    const { typical, held: places } = shape;
    if (shape.index < 0) {
      this.fieldsWithKeys(value, shape);
      return;
    }
    if (shape.index < shortObjects) this.octet(tag.shortObject + shape.index);
    else {
      this.octet(tag.object);
      this.length(shape.index);
    }
    // A bit for each field, set where it differs.
    let marks = this.at;
    for (let index = 0; index < typical.length; index += 8) this.octet(0);
    let bits = 0;
    let index = 0;
    for (const key in value) {
      const held = value[key];
      if (held !== typical[index] || (held === 0 && Object.is(held, -0))) {
        bits |= 1 << (index & 7);
        this.write(held, places[index] ?? place);
      }
      index += 1;
      if ((index & 7) === 0) {
        this.codes[marks] = bits;
        marks += 1;
        bits = 0;
      }
    }
    if (bits !== 0) this.codes[marks] = bits;
  }

  private fieldsWithKeys(value: Fields, shape: Shape): void {
    this.octet(tag.objectWithKeys);
    this.length(shape.class - plainObjects);
    this.length(shape.keys.length);
    for (const key of shape.keys) this.string(key);
    for (const key of shape.keys) this.write(value[key], this.outermost);
  }
}

/** How many characters two texts begin with alike. */
function sameStart(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let same = 0;
  while (same < most && one.charCodeAt(same) === other.charCodeAt(same)) same += 1;
  return same;
}
