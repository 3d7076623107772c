/** The shapes of objects: what is kept once for all objects of a class with the same keys. */
import { longestSharedText } from './pack-format.ts';

/** A class whose instances are packed by their own properties and come back with its prototype. */
export type PackedClass = abstract new (...parts: never[]) => object;

/** What objects with the same class and keys have in common. */
export interface Shape {
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
export interface Place {
  latest: Shape | null;
}

/** The keys so far, and those that may follow. */
interface Step {
  shape: Shape | null;
  readonly next: Map<string, Step>;
}

export type Fields = Record<string, unknown>;

/** A shape as plain data. */
export type ShapeData = Pick<Shape, 'class' | 'keys' | 'typical'>;

/** Where the keys of a class's instances, or of plain objects, begin. */
export interface Root {
  readonly class: number;
  readonly prototype: object;
  readonly first: Step;
}

/** In the place of a class: plain objects. */
export const plainObjects = -1;

/** Shapes that one table keeps; objects with further ones are packed with their keys. */
const shapesAtMost = 4096;

export class ShapeTable {
  readonly plain: Root = { class: plainObjects, prototype: Object.prototype, first: emptyStep() };
  private readonly ofClasses: readonly Root[];
  /** By their prototypes. */
  private readonly roots = new Map<unknown, Root>();
  private readonly shapes: Shape[] = [];

  /** `data`: of another table, whose shapes this one has from the beginning. */
  constructor(classes: readonly PackedClass[], data: readonly ShapeData[]) {
    this.ofClasses = classes.map(({ prototype }, index) => ({ class: index, prototype, first: emptyStep() }));
    for (const root of this.ofClasses) this.roots.set(root.prototype, root);
    for (const shape of data) this.add(this.rootOf(shape.class), shape.keys, shape.typical);
  }

  /** As they are by now. */
  get data(): ShapeData[] {
    return this.shapes.map(({ class: of, keys, typical }) => ({ class: of, keys, typical }));
  }

  at(index: number): Shape | undefined {
    return this.shapes[index];
  }

  rootOf(place: number): Root {
    return this.ofClasses[place] ?? this.plain;
  }

  /** undefined for what is no class of the table. */
  rootOfPrototype(prototype: unknown): Root | undefined {
    return this.roots.get(prototype);
  }

  /** `place`: where the value stands. */
  shapeOf(value: Fields, root: Root, place: Place): Shape {
    const { latest } = place;
    if (latest !== null && latest.prototype === root.prototype && hasKeys(value, latest.keys)) return latest;
    const shape = knownShape(value, root) ?? this.newShape(value, root);
    if (shape.index >= 0) place.latest = shape;
    return shape;
  }

  private newShape(value: Fields, root: Root): Shape {
    const keys = Object.keys(value);
    if (this.shapes.length >= shapesAtMost) return shapeWith(root, keys, [], -1);
    return this.add(
      root,
      keys,
      keys.map((key) => (isKept(value[key]) ? value[key] : null)),
    );
  }

  private add(root: Root, keys: readonly string[], typical: readonly unknown[]): Shape {
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
}

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
