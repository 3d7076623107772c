/**
 * Puts values into a string of one octet a character, and gives equal ones back. What is kept for long and looked at seldom
 * takes a tenth of its memory so: of an object stands there only what differs from the first one with the same keys, because
 * keys and first values ("shapes") and the texts that come again are kept once for all that one Packer has packed. A string
 * and not octets, because engines give a typed array some 200 octets of their own, and a string 16.
 */
import { PackReader } from './pack-reader.ts';
import { type PackedClass, type ShapeData, ShapeTable } from './pack-shapes.ts';
import { PackWriter } from './pack-writer.ts';

/** What a packer keeps once for all its values, as plain data. Texts of a capture may fill it; then later ones are packed in full. */
export interface PackerTables {
  readonly shapes: readonly ShapeData[];
  readonly texts: readonly string[];
}

export class Packer {
  private readonly shapes: ShapeTable;
  private readonly texts: string[];
  private readonly writer: PackWriter;
  private readonly reader: PackReader;

  /** `tables`: of another one, whose values this one is to unpack. */
  constructor(classes: readonly PackedClass[] = [], tables: PackerTables = { shapes: [], texts: [] }) {
    this.shapes = new ShapeTable(classes, tables.shapes);
    this.texts = [...tables.texts];
    this.writer = new PackWriter(this.shapes, this.texts);
    this.reader = new PackReader(this.shapes, this.texts);
  }

  /** As they are by now. */
  get tables(): PackerTables {
    return { shapes: this.shapes.data, texts: this.texts };
  }

  /**
   * Values: undefined, null, booleans, numbers, strings, plain objects, arrays without holes, Maps, Uint8Array and
   * instances of the packer's classes. Anything else throws a TypeError. Instances may refer to one another in any way, and
   * those of `outside` are referred to and not packed; all other objects are values: one that comes twice is packed twice,
   * and octets come back in a buffer of their own.
   */
  pack(value: unknown, outside: readonly object[] = []): string {
    return this.writer.pack(value, outside);
  }

  /** What was packed by this very Packer. `outside`: in the place of those that it was packed with. */
  unpack(packed: string, outside: readonly object[] = []): unknown {
    return this.reader.unpack(packed, outside);
  }
}
