/**
 * Puts a graph of values into a string of one octet a character, and gives an equal graph back. What is kept for long and
 * looked at seldom takes a tenth of its memory so: an object costs its values alone, because the lists of keys ("shapes") and
 * the texts that come again are kept once for all that one Packer has packed. A string and not octets, because engines
 * give a typed array some 200 octets of their own, and a string 16.
 */

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
  /** An object, or a text, that came before. */
  again: 77,
  array: 78,
  map: 79,
  bytes: 80,
  words16: 81,
  words32: 82,
  view: 83,
  instance: 84,
  object: 85,
  /** Its keys stand before its values. */
  objectWithKeys: 86,
  /** What one or several typed arrays lie in. */
  buffer: 87,
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
/** Arguments that one call takes; engines stand far more. */
const charactersAtOnce = 8192;

interface Shape {
  readonly keys: readonly string[];
  /** An object with these keys: a copy of it has its final layout at once. */
  readonly template: Readonly<Record<string, unknown>>;
  /** Of the table; -1 where that was full. */
  readonly index: number;
}

/** The keys so far, and those that may follow. */
interface Step {
  shape: Shape | null;
  readonly next: Map<string, Step>;
}

/** What a packer keeps once for all its values. */
export interface PackerTables {
  readonly shapes: readonly (readonly string[])[];
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

export class Packer {
  private readonly classes: readonly PackedClass[];
  /** By their prototypes. */
  private readonly placesOfClasses: ReadonlyMap<unknown, number>;
  private readonly shapes: Shape[] = [];
  private readonly firstStep: Step = { shape: null, next: new Map() };
  private readonly sharedTexts: string[] = [];
  private readonly placesOfTexts = new Map<string, number>();
  /** Texts that came in one value so far, with its number. */
  private readonly candidates = new Map<string, number>();
  private packed = 0;

  private readonly codes: number[] = [];
  private at = 0;
  /** Objects and texts of the value that is being packed, by their order. */
  private places = new Map<unknown, number>();
  private readonly recent = new Recent();
  private readonly eight = new DataView(new ArrayBuffer(8));

  private source = '';
  private readonly came: unknown[] = [];

  /** `tables`: of another one, whose values this one is to unpack. */
  constructor(classes: readonly PackedClass[] = [], tables: PackerTables = { shapes: [], texts: [] }) {
    this.classes = classes;
    this.placesOfClasses = new Map(classes.map((one, index) => [one.prototype, index]));
    for (const keys of tables.shapes) this.addShape(keys);
    for (const text of tables.texts) this.share(text);
  }

  /** As they are by now: plain data. */
  get tables(): PackerTables {
    return { shapes: this.shapes.map(({ keys }) => keys), texts: this.sharedTexts };
  }

  /**
   * Values: undefined, null, booleans, numbers, strings, plain objects, arrays without holes, Maps, Uint8Array, Uint16Array,
   * Uint32Array, DataView and instances of the packer's classes, in any graph. Anything else throws a TypeError. Objects of
   * `outside` are referred to and not packed.
   */
  pack(value: unknown, outside: readonly object[] = []): string {
    this.at = 0;
    this.recent.clear();
    this.packed += 1;
    // A new one each time: one that is cleared holds on, in V8, to all that was in it until everything is collected.
    this.places = new Map();
    for (const object of outside) this.places.set(object, this.places.size);
    this.write(value);
    return this.text();
  }

  /** What was packed by this very Packer. `outside`: in the place of those that it was packed with. */
  unpack(packed: string, outside: readonly object[] = []): unknown {
    this.source = packed;
    this.at = 0;
    this.recent.clear();
    for (const object of outside) this.came.push(object);
    const value = this.read();
    this.came.length = 0;
    this.source = '';
    return value;
  }

  private text(): string {
    const { codes, at } = this;
    if (at <= charactersAtOnce) return String.fromCharCode(...codes.slice(0, at));
    const pieces: string[] = [];
    for (let from = 0; from < at; from += charactersAtOnce) {
      pieces.push(String.fromCharCode(...codes.slice(from, Math.min(at, from + charactersAtOnce))));
    }
    // One value in a million is that long: its room is given back.
    codes.length = charactersAtOnce;
    return pieces.join('');
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

  private write(value: unknown): void {
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
        else this.object(value);
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
    this.octet(value < 0 ? tag.negative : tag.positive);
    this.length(Math.abs(value));
    this.recent.note(value);
  }

  private string(value: string): void {
    const shared = this.placesOfTexts.get(value);
    if (shared !== undefined) {
      if (shared < shortSharedTexts) this.octet(tag.shortSharedText + shared);
      else {
        this.octet(tag.sharedText);
        this.length(shared);
      }
      return;
    }
    if (value.length >= shortestAgain) {
      const place = this.places.get(value);
      if (place !== undefined) {
        this.octet(tag.again);
        this.length(place);
        return;
      }
      this.places.set(value, this.places.size);
      this.remember(value);
    }
    const before = this.recent.text;
    this.recent.text = value;
    if (!this.likeText(value, before)) this.wholeText(value);
  }

  private wholeText(value: string): void {
    const start = this.at;
    this.octet(tag.octetText);
    this.length(value.length);
    for (let at = 0; at < value.length; at += 1) {
      const code = value.charCodeAt(at);
      if (code > 0xff) {
        this.at = start;
        this.wideText(value);
        return;
      }
      this.octet(code);
    }
  }

  private wideText(value: string): void {
    this.octet(tag.wideText);
    this.length(value.length);
    for (let at = 0; at < value.length; at += 1) {
      const code = value.charCodeAt(at);
      this.octet(code >> 8);
      this.octet(code & 0xff);
    }
  }

  /** Times of one call differ in their last digits alone. False where nothing was written. */
  private likeText(value: string, before: string): boolean {
    const most = Math.min(value.length, before.length);
    let same = 0;
    while (same < most && value.charCodeAt(same) === before.charCodeAt(same)) same += 1;
    if (same < shortestLike) return false;
    const start = this.at;
    this.octet(tag.likeText);
    this.length(same);
    this.length(value.length - same);
    for (let at = same; at < value.length; at += 1) {
      const code = value.charCodeAt(at);
      if (code > 0xff) {
        this.at = start;
        return false;
      }
      this.octet(code);
    }
    return true;
  }

  /** A text that comes in a second value is likely to come in more: from now on it is kept once. */
  private remember(value: string): void {
    if (value.length > longestSharedText || this.sharedTexts.length >= sharedTextsAtMost) return;
    const earlier = this.candidates.get(value);
    if (earlier === undefined) {
      if (this.candidates.size >= candidatesAtMost) this.candidates.clear();
      this.candidates.set(value, this.packed);
    } else if (earlier !== this.packed) {
      this.candidates.delete(value);
      this.share(value);
    }
  }

  private share(text: string): void {
    this.placesOfTexts.set(text, this.sharedTexts.length);
    this.sharedTexts.push(text);
  }

  /** Whether an object has its place already: then only that is written. */
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

  private object(value: object): void {
    if (this.again(value)) return;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) this.fields(value as Fields);
    else if (Array.isArray(value)) this.array(value);
    else if (value instanceof Map) this.map(value);
    else if (ArrayBuffer.isView(value)) this.octets(value);
    else this.instance(value as Fields, prototype);
  }

  private array(value: readonly unknown[]): void {
    if (value.length < shortArrays) this.octet(tag.shortArray + value.length);
    else {
      this.octet(tag.array);
      this.length(value.length);
    }
    for (let index = 0; index < value.length; index += 1) this.write(value[index]);
  }

  private map(value: ReadonlyMap<unknown, unknown>): void {
    this.octet(tag.map);
    this.length(value.size);
    for (const [key, held] of value) {
      this.write(key);
      this.write(held);
    }
  }

  private octets(value: ArrayBufferView): void {
    if (value instanceof Uint8Array) this.octet(tag.bytes);
    else if (value instanceof Uint16Array) this.octet(tag.words16);
    else if (value instanceof Uint32Array) this.octet(tag.words32);
    else if (value instanceof DataView) this.octet(tag.view);
    else throw new TypeError(`a ${value.constructor.name} cannot be packed`);
    const { buffer, byteOffset, byteLength } = value;
    // Those that have a buffer to themselves share it when they come back; a part of a larger one is copied.
    const whole = byteLength === buffer.byteLength;
    this.buffer(whole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength));
  }

  private buffer(value: ArrayBufferLike): void {
    if (this.again(value)) return;
    this.octet(tag.buffer);
    this.length(value.byteLength);
    const octets = new Uint8Array(value);
    for (let at = 0; at < octets.length; at += 1) this.octet(octets[at] ?? 0);
  }

  private instance(value: Fields, prototype: unknown): void {
    const index = this.placesOfClasses.get(prototype);
    if (index === undefined) throw new TypeError(`an instance of ${value.constructor.name} cannot be packed`);
    this.octet(tag.instance);
    this.length(index);
    this.fields(value);
  }

  private fields(value: Fields): void {
    const shape = this.shapeOf(value);
    if (shape.index < 0) {
      this.octet(tag.objectWithKeys);
      this.length(shape.keys.length);
      for (const key of shape.keys) this.string(key);
    } else if (shape.index < shortObjects) this.octet(tag.shortObject + shape.index);
    else {
      this.octet(tag.object);
      this.length(shape.index);
    }
    for (const key of shape.keys) this.write(value[key]);
  }

  private shapeOf(value: Fields): Shape {
    let step = this.firstStep;
    for (const key in value) {
      const next = step.next.get(key);
      if (next === undefined) return this.newShape(value);
      step = next;
    }
    return step.shape ?? this.newShape(value);
  }

  private newShape(value: Fields): Shape {
    const keys = Object.keys(value);
    return this.shapes.length >= shapesAtMost ? shapeWith(keys, -1) : this.addShape(keys);
  }

  private addShape(keys: readonly string[]): Shape {
    let step = this.firstStep;
    for (const key of keys) {
      let next = step.next.get(key);
      if (next === undefined) {
        next = { shape: null, next: new Map() };
        step.next.set(key, next);
      }
      step = next;
    }
    step.shape = shapeWith(keys, this.shapes.length);
    this.shapes.push(step.shape);
    return step.shape;
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
      case tag.again:
        return this.came[this.nextLength()];
      case tag.array:
        return this.readArray(this.nextLength());
      case tag.map:
        return this.readMap();
      case tag.bytes:
      case tag.words16:
      case tag.words32:
      case tag.view:
        return this.readOctets(first);
      case tag.instance:
        return this.readInstance();
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
    if (text.length >= shortestAgain) this.came.push(text);
    return text;
  }

  private readArray(length: number): unknown[] {
    const array: unknown[] = [];
    this.came.push(array);
    for (let index = 0; index < length; index += 1) array.push(this.read());
    return array;
  }

  private readMap(): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    this.came.push(map);
    const size = this.nextLength();
    for (let index = 0; index < size; index += 1) {
      const key = this.read();
      map.set(key, this.read());
    }
    return map;
  }

  private readOctets(kind: number): ArrayBufferView {
    const place = this.came.length;
    this.came.push(null);
    const buffer = this.readBuffer();
    let value: ArrayBufferView;
    if (kind === tag.bytes) value = new Uint8Array(buffer);
    else if (kind === tag.words16) value = new Uint16Array(buffer);
    else if (kind === tag.words32) value = new Uint32Array(buffer);
    else value = new DataView(buffer);
    this.came[place] = value;
    return value;
  }

  private readBuffer(): ArrayBuffer {
    if (this.nextOctet() === tag.again) return this.came[this.nextLength()] as ArrayBuffer;
    const octets = new Uint8Array(this.nextLength());
    for (let at = 0; at < octets.length; at += 1) octets[at] = this.nextOctet();
    this.came.push(octets.buffer);
    return octets.buffer;
  }

  private readInstance(): object {
    const { prototype } = this.classes[this.nextLength()] ?? Object;
    const first = this.nextOctet();
    let shape = this.shapes[first - tag.shortObject];
    if (first === tag.object) shape = this.shapes[this.nextLength()];
    const value = Object.create(prototype) as Fields;
    this.came.push(value);
    if (first === tag.objectWithKeys) shape = this.readKeys();
    return this.fill(value, shape);
  }

  private readObject(shape: Shape | undefined): object {
    const value: Fields = { ...shape?.template };
    this.came.push(value);
    return this.fill(value, shape);
  }

  private readObjectWithKeys(): object {
    const value: Fields = {};
    this.came.push(value);
    return this.fill(value, this.readKeys());
  }

  private readKeys(): Shape {
    const keys: string[] = [];
    const count = this.nextLength();
    for (let index = 0; index < count; index += 1) keys.push(String(this.read()));
    return shapeWith(keys, -1);
  }

  private fill(value: Fields, shape: Shape | undefined): object {
    for (const key of shape?.keys ?? []) {
      const held = this.read();
      // Assigned, it would become the prototype.
      if (key === '__proto__')
        Object.defineProperty(value, key, { value: held, enumerable: true, writable: true, configurable: true });
      else value[key] = held;
    }
    return value;
  }
}

function shapeWith(keys: readonly string[], index: number): Shape {
  return { keys, index, template: Object.fromEntries(keys.map((key) => [key, null])) };
}
