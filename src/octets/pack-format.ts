/**
 * What stands in a packed string: tags, of which many hold a small value themselves, and what writer and reader have to know
 * alike.
 */

/** The first octet of a value. Octets below `smallNumbers` are that number. */
export const tag = {
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
export const smallNumbers = 64;
/** Shapes, lengths of arrays and shared texts that a tag holds. */
export const shortObjects = tag.shortArray - tag.shortObject;
export const shortArrays = tag.shortSharedText - tag.shortArray;
export const shortSharedTexts = 256 - tag.shortSharedText;
export const millionth = 1e6;

/** Longer texts are not kept once for all. */
export const longestSharedText = 512;
/** Shorter texts are not referred to. */
export const shortestAgain = 3;
/** A text that ends in so few characters of its own is not worth looking up. */
export const shortestEnd = 8;

/** What one unpacking, or one packing, has come by. Kept and emptied: they follow one another by the hundred thousand. */
export class Recent {
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
