/** Makes values of packed strings. */
import { octetsOfCharacters } from './characters.ts';
import {
  longestSharedText,
  millionth,
  Recent,
  shortArrays,
  shortestAgain,
  shortestEnd,
  smallNumbers,
  tag,
} from './pack-format.ts';
import { type Fields, plainObjects, type Shape, type ShapeTable } from './pack-shapes.ts';

export class PackReader {
  private readonly shapes: ShapeTable;
  private readonly sharedTexts: readonly string[];
  private source = '';
  private at = 0;
  private readonly recent = new Recent();
  private readonly eight = new DataView(new ArrayBuffer(8));
  /** Instances of the value that is being unpacked, and texts of it, by their order. */
  private readonly came: unknown[] = [];
  private readonly textsCame: string[] = [];

  constructor(shapes: ShapeTable, sharedTexts: readonly string[]) {
    this.shapes = shapes;
    this.sharedTexts = sharedTexts;
  }

  /** As `Packer.unpack`. */
  unpack(packed: string, outside: readonly object[]): unknown {
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
    if (first >= tag.shortObject) return this.readObject(this.shapes.at(first - tag.shortObject));
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
        return this.readObject(this.shapes.at(this.nextLength()));
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
    const root = this.shapes.rootOf(this.nextLength() + plainObjects);
    const value = Object.create(root.prototype) as Fields;
    if (root !== this.shapes.plain) this.came.push(value);
    const keys: string[] = [];
    const count = this.nextLength();
    for (let index = 0; index < count; index += 1) keys.push(String(this.read()));
    for (const key of keys) put(value, key, this.read());
    return value;
  }
}

const shortArray: readonly unknown[] = new Array<unknown>(shortArrays).fill(null);

function put(value: Fields, key: string, held: unknown): void {
  // Assigned, it would become the prototype.
  if (key === '__proto__')
    Object.defineProperty(value, key, { value: held, enumerable: true, writable: true, configurable: true });
  else value[key] = held;
}
