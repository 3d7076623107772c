/**
 * Puts values into a string of one octet a character, and gives equal ones back. What is kept for long and looked at seldom
 * takes a tenth of its memory so: of an object stands there only what differs from the first one with the same keys, because
 * keys and first values ("shapes") and the texts that come again are kept once for all that one Packer has packed. A string
 * and not octets, because engines give a typed array some 200 octets of their own, and a string 16.
 */
import { charactersOf, charactersOfList, octetsOfCharacters } from './characters.ts';

/** A class whose instances are packed by their own properties and come back with its prototype. */
export type PackedClass = abstract new (...parts: never[]) => object;

const tag = {
  undefined: 64,
  null: 65,
  false: 66,
  true: 67,
  /** Whole numbers from 0 up, and below 0. */
  positive: 68,
  negative: 69,
  /** Eight octets. */
  double: 70,
  /** Millionths. */
  positiveDecimal: 71,
  negativeDecimal: 72,
  /** Texts of characters below U+0100, and others. */
  octetText: 73,
  wideText: 74,
  sharedText: 75,
  /** Begins like the text before. */
  likeText: 76,
  /** An instance that came before. */
  again: 77,
  array: 78,
  map: 79,
  bytes: 80,
  /** Thousands from 0 up: nanoseconds of captures that tell microseconds. */
  thousands: 81,
  /** Octets that came before: a text of them follows, one that is known. */
  textBytes: 82,
  /** A text that came before in the same value. */
  textAgain: 84,
  object: 85,
  /** Its class and its keys stand before its values. */
  objectWithKeys: 86,
  /** One of the latest four whole numbers, and up to 64 more or less. */
  near: 88,
  shortObject: 96,
  shortArray: 192,
  shortSharedText: 224,
} as const;

/** Whole numbers below this are a tag of their own. */
const smallNumbers = 64;
const shortObjects = tag.shortArray - tag.shortObject;
const shortArrays = tag.shortSharedText - tag.shortArray;
const shortSharedTexts = 256 - tag.shortSharedText;
/** Below this they are no shorter. */
const shortestThousands = 0x4000;
const millionth = 1e6;
/** Above this a double is not longer. */
const largestDecimal = 2 ** 42;

/** Bounds of what one Packer keeps. Texts of a capture may fill the tables; then later ones are packed in full. */
const shapesAtMost = 4096;
const sharedTextsAtMost = 8192;
const longestSharedText = 512;
/** Texts that came once, and are remembered in case they come again. */
const candidatesAtMost = 2048;
const shortestAgain = 3;
const shortestLike = 8;
/** A text that ends in so few characters of its own is not worth looking up. */
const shortestEnd = 8;
/** Texts of one value that can be referred to. */
const textsOfValueAtMost = 4096;

/** What objects with the same class and keys have in common. */
interface Shape {
  /** Place of its class in the packer's; -1: plain objects. */
  readonly class: number;
  readonly prototype: object;
  readonly keys: readonly string[];
  /** Values of the first object, null for those that are not kept: of others only what differs is packed. */
  readonly typical: readonly unknown[];
  /** Of the table; -1 where that was full. */
  readonly index: number;
  /** Made at once. As long as it lives, V8 gives its fast layout to those that get the same keys one by one. */
  readonly model: object;
  /** For each of its fields. */
  readonly held: readonly Place[];
}

/** A field, or an item of what is in it, and which shape stood there last time: mostly, it stands there again. */
interface Place {
  latest: Shape | null;
}

/** The keys so far, and those that may follow. */
interface Step {
  shape: Shape | null;
  readonly next: Map<string, Step>;
}

/** What a packer keeps once for all its values. */
export interface PackerTables {
  readonly shapes: readonly Pick<Shape, 'class' | 'keys' | 'typical'>[];
  readonly texts: readonly string[];
}

type Fields = Record<string, unknown>;

/** What one unpacking, or one packing, has come by. Kept and emptied: they follow one another by the hundred thousand. */
class Recent {
  readonly whole: [number, number, number, number] = [0, 0, 0, 0];
  private turn = 0;
  text = '';

  clear(): void {
    this.whole.fill(0);
    this.turn = 0;
    this.text = '';
  }

  note(value: number): void {
    this.whole[this.turn & 3] = value;
    this.turn += 1;
  }
}

/** Where the keys of a class's instances, or of plain objects, begin. */
interface Root {
  readonly class: number;
  readonly prototype: object;
  readonly first: Step;
}

const plainObjects = -1;

export class Packer {
  /** By their prototypes. */
  private readonly roots = new Map<unknown, Root>();
  private readonly plain: Root = { class: plainObjects, prototype: Object.prototype, first: emptyStep() };
  private readonly ofClasses: readonly Root[];
  private readonly shapes: Shape[] = [];
  /** That of the values themselves. */
  private readonly outermost: Place = { latest: null };
  private readonly sharedTexts: string[] = [];
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

  private source = '';
  private readonly came: unknown[] = [];
  private readonly textsCame: string[] = [];

  /** `tables`: of another one, whose values this one is to unpack. */
  constructor(classes: readonly PackedClass[] = [], tables: PackerTables = { shapes: [], texts: [] }) {
    this.ofClasses = classes.map(({ prototype }, index) => ({ class: index, prototype, first: emptyStep() }));
    for (const root of this.ofClasses) this.roots.set(root.prototype, root);
    for (const shape of tables.shapes) this.addShape(this.rootOf(shape.class), shape.keys, shape.typical);
    for (const text of tables.texts) this.share(text);
  }

  /** As they are by now: plain data. */
  get tables(): PackerTables {
    return {
      shapes: this.shapes.map(({ class: of, keys, typical }) => ({ class: of, keys, typical })),
      texts: this.sharedTexts,
    };
  }

  /**
   * Values: undefined, null, booleans, numbers, strings, plain objects, arrays without holes, Maps, Uint8Array and
   * instances of the packer's classes. Anything else throws a TypeError. Instances may refer to one another in any way, and
   * those of `outside` are referred to and not packed; all other objects are values: one that comes twice is packed twice,
   * and octets come back in a buffer of their own.
   */
  pack(value: unknown, outside: readonly object[] = []): string {
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

  /** What was packed by this very Packer. `outside`: in the place of those that it was packed with. */
  unpack(packed: string, outside: readonly object[] = []): unknown {
    this.source = packed;
    this.at = 0;
    this.recent.clear();
    for (const object of outside) this.came.push(object);
    const value = this.read();
    this.came.length = 0;
    this.textsCame.length = 0;
    this.source = '';
    return value;
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
    if (prototype === Object.prototype) this.fields(value as Fields, this.plain, place);
    else if (value instanceof Map) this.map(value, place);
    else if (value instanceof Uint8Array) this.octets(value);
    else if (!this.again(value)) {
      const root = this.roots.get(prototype);
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
    const shape = this.shapeOf(value, root, place);
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

  private shapeOf(value: Fields, root: Root, place: Place): Shape {
    const { latest } = place;
    if (latest !== null && latest.prototype === root.prototype && hasKeys(value, latest.keys)) return latest;
    const shape = knownShape(value, root) ?? this.newShape(value, root);
    if (shape.index >= 0) place.latest = shape;
    return shape;
  }

  private newShape(value: Fields, root: Root): Shape {
    const keys = Object.keys(value);
    if (this.shapes.length >= shapesAtMost) return shapeWith(root, keys, [], -1);
    return this.addShape(
      root,
      keys,
      keys.map((key) => (isKept(value[key]) ? value[key] : null)),
    );
  }

  private addShape(root: Root, keys: readonly string[], typical: readonly unknown[]): Shape {
    let step = root.first;
    for (const key of keys) {
      let next = step.next.get(key);
      if (next === undefined) {
        next = emptyStep();
        step.next.set(key, next);
      }
      step = next;
    }
    const shape = shapeWith(root, keys, typical, this.shapes.length);
    step.shape = shape;
    this.shapes.push(shape);
    return shape;
  }

  private rootOf(place: number): Root {
    return this.ofClasses[place] ?? this.plain;
  }

  private nextOctet(): number {
    const code = this.source.charCodeAt(this.at);
    this.at += 1;
    return code;
  }

  private nextLength(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const octet = this.nextOctet();
      if (octet < 0x80) return value + octet * scale;
      value += (octet & 0x7f) * scale;
      scale *= 0x80;
    }
  }

  private read(): unknown {
    const first = this.nextOctet();
    if (first < smallNumbers) return first;
    if (first >= tag.shortSharedText) return this.sharedTexts[first - tag.shortSharedText];
    if (first >= tag.shortArray) return this.readArray(first - tag.shortArray);
    if (first >= tag.shortObject) return this.readObject(this.shapes[first - tag.shortObject]);
    switch (first) {
      case tag.undefined:
        return undefined;
      case tag.null:
        return null;
      case tag.false:
        return false;
      case tag.true:
        return true;
      case tag.positive:
      case tag.negative: {
        const value = first === tag.positive ? this.nextLength() : -this.nextLength();
        this.recent.note(value);
        return value;
      }
      case tag.thousands: {
        const value = this.nextLength() * 1000;
        this.recent.note(value);
        return value;
      }
      case tag.double:
        for (let at = 0; at < 8; at += 1) this.eight.setUint8(at, this.nextOctet());
        return this.eight.getFloat64(0);
      case tag.positiveDecimal:
        return this.nextLength() / millionth;
      case tag.negativeDecimal:
        return -this.nextLength() / millionth;
      case tag.octetText:
      case tag.wideText:
      case tag.likeText:
        return this.readText(first);
      case tag.sharedText:
        return this.sharedTexts[this.nextLength()];
      case tag.textAgain:
        return this.textsCame[this.nextLength()];
      case tag.again:
        return this.came[this.nextLength()];
      case tag.array:
        return this.readArray(this.nextLength());
      case tag.map:
        return this.readMap();
      case tag.bytes:
        return this.readOctets();
      case tag.textBytes:
        return octetsOfCharacters(String(this.read()));
      case tag.object:
        return this.readObject(this.shapes[this.nextLength()]);
      case tag.objectWithKeys:
        return this.readObjectWithKeys();
      default: {
        const value = (this.recent.whole[first - tag.near] ?? 0) + (this.nextOctet() - 64);
        this.recent.whole[first - tag.near] = value;
        return value;
      }
    }
  }

  private readText(kind: number): string {
    const same = kind === tag.likeText ? this.nextLength() : 0;
    const length = this.nextLength();
    let text: string;
    if (kind === tag.wideText) {
      text = '';
      for (let index = 0; index < length; index += 1)
        text += String.fromCharCode(this.nextOctet() * 256 + this.nextOctet());
    } else {
      text = this.recent.text.slice(0, same) + this.source.slice(this.at, this.at + length);
      this.at += length;
    }
    this.recent.text = text;
    const looked = same === 0 || length > shortestEnd;
    if (looked && text.length >= shortestAgain) this.textsCame.push(text);
    return text;
  }

  private readArray(length: number): unknown[] {
    // With room for as many and no more.
    const array: unknown[] = length <= shortArrays ? shortArray.slice(0, length) : [];
    for (let index = 0; index < length; index += 1) array[index] = this.read();
    return array;
  }

  private readMap(): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    const size = this.nextLength();
    for (let index = 0; index < size; index += 1) {
      const key = this.read();
      map.set(key, this.read());
    }
    return map;
  }

  private readOctets(): Uint8Array {
    const length = this.nextLength();
    const text = this.source.slice(this.at, this.at + length);
    this.at += length;
    if (length >= shortestAgain && length <= longestSharedText) this.textsCame.push(text);
    return octetsOfCharacters(text);
  }

  private readObject(shape: Shape | undefined): object {
    if (shape === undefined) throw new Error('packed by another packer');
    const { prototype, keys, typical } = shape;
    const value = Object.create(prototype) as Fields;
    if (shape.class !== plainObjects) this.came.push(value);
    let marks = this.at;
    this.at += (keys.length + 7) >> 3;
    let bits = 0;
    for (let index = 0; index < keys.length; index += 1) {
      if ((index & 7) === 0) {
        bits = this.source.charCodeAt(marks);
        marks += 1;
      }
      const differs = (bits & (1 << (index & 7))) !== 0;
      put(value, keys[index] ?? '', differs ? this.read() : typical[index]);
    }
    return value;
  }

  private readObjectWithKeys(): object {
    const root = this.rootOf(this.nextLength() + plainObjects);
    const value = Object.create(root.prototype) as Fields;
    if (root !== this.plain) this.came.push(value);
    const keys: string[] = [];
    const count = this.nextLength();
    for (let index = 0; index < count; index += 1) keys.push(String(this.read()));
    for (const key of keys) put(value, key, this.read());
    return value;
  }
}

const shortArray: readonly unknown[] = new Array<unknown>(shortArrays).fill(null);

function emptyStep(): Step {
  return { shape: null, next: new Map() };
}

function shapeWith(root: Root, keys: readonly string[], typical: readonly unknown[], index: number): Shape {
  const { class: of, prototype } = root;
  const field = { value: null, writable: true, enumerable: true, configurable: true };
  const model = Object.create(prototype, Object.fromEntries(keys.map((key) => [key, field]))) as object;
  return { class: of, prototype, keys, typical, index, model, held: keys.map(() => ({ latest: null })) };
}

/** Whether a shape may keep it: what is small and does not change. */
function isKept(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= longestSharedText;
  return typeof value === 'number' ? !Object.is(value, -0) : value === undefined || typeof value === 'boolean';
}

function hasKeys(value: Fields, keys: readonly string[]): boolean {
  let index = 0;
  for (const key in value) {
    if (key !== keys[index]) return false;
    index += 1;
  }
  return index === keys.length;
}

function knownShape(value: Fields, root: Root): Shape | null {
  let step: Step | undefined = root.first;
  for (const key in value) {
    step = step.next.get(key);
    if (step === undefined) return null;
  }
  return step.shape;
}

/** How many characters two texts begin with alike. */
function sameStart(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let same = 0;
  while (same < most && one.charCodeAt(same) === other.charCodeAt(same)) same += 1;
  return same;
}

function put(value: Fields, key: string, held: unknown): void {
  // Assigned, it would become the prototype.
  if (key === '__proto__')
    Object.defineProperty(value, key, { value: held, enumerable: true, writable: true, configurable: true });
  else value[key] = held;
}
