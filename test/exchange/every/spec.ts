// What a small model is made of, and rows for it.
import * as w from "../../../src/index.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import { generator } from "../../support/seeded.ts";

/** The least and the most of whole numbers. */
type Whole = readonly [least: number, most: number];

/** A model and its rows, as they are written in the lists. */
export interface Spec {
  /** What the options say that others don't; tells the models of one layer apart. */
  readonly says?: string;
  /** Shape of a row, or of several inputs by name. */
  readonly input: number | w.Shape | Readonly<Record<string, number | w.Shape>>;
  /** Inputs that are whole numbers, by name; of a single input its range alone. */
  readonly whole?: Whole | Readonly<Record<string, Whole>>;
  /** What all numbers of an input are in the first row, by name: a mask of zeros. */
  readonly first?: Readonly<Record<string, number>>;
  /** Layers that nobody else has. May make other models, whose parts they are. */
  layers(): readonly w.Layer[] | Promise<readonly w.Layer[]>;
}

/** A model with a layer, and rows for it. */
export interface EveryCase {
  /** The factory that it is about. */
  readonly of: string;
  /** That, and what its options say: no two are called the same. */
  readonly name: string;
  /** A new model, each time with the same weights. */
  make(): Promise<w.Model>;
  /** Rows of the model's input, those of several inputs joined: the same numbers for the same row in any batch. */
  x(rows: number): Float32Array<ArrayBuffer>;
}

const isRange = (whole: Spec["whole"]): whole is Whole => Array.isArray(whole);

function rowsOf(spec: Spec, rows: number): Float32Array<ArrayBuffer> {
  const { input, whole = {}, first = {} } = spec;
  const several = typeof input === "object" && !Array.isArray(input);
  const shapes = (several ? Object.entries(input) : [["", input]]) as [string, number | w.Shape][];
  const next = generator(12);
  const numbers: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (const [name, shape] of shapes) {
      const range = isRange(whole) ? whole : whole[name];
      for (let i = typeof shape === "number" ? shape : sizeOf(shape); i > 0; i--) {
        const u = next();
        const number = range ? range[0] + Math.floor(u * (range[1] - range[0] + 1)) : 4 * u - 2;
        numbers.push(row === 0 ? (first[name] ?? number) : number);
      }
    }
  }
  return Float32Array.from(numbers);
}

/** What parameters are that begin as zeros, ones or one number. */
const RANGES: Readonly<Record<string, readonly [low: number, high: number]>> = {
  bias: [-0.5, 0.5],
  biasIh: [-0.5, 0.5],
  biasHh: [-0.5, 0.5],
  biasQ: [-0.5, 0.5],
  biasK: [-0.5, 0.5],
  biasV: [-0.5, 0.5],
  biasO: [-0.5, 0.5],
  gamma: [0.5, 1.5],
  beta: [-0.5, 0.5],
  runningMean: [-0.5, 0.5],
  runningVariance: [0.5, 2],
  slope: [-0.5, 0.5],
};

async function modelOf(spec: Spec): Promise<w.Model> {
  const { input } = spec;
  const several = typeof input === "object" && !Array.isArray(input);
  const given = several ? w.inputs(input as Readonly<Record<string, number | w.Shape>>) : (input as number | w.Shape);
  const model = await w.sequential({ input: given, seed: 5 }, ...(await spec.layers()));
  const next = generator(34);
  for (const parameter of model.parameters()) {
    const range = RANGES[parameter.name.split(".").at(-1)!];
    if (!range) continue;
    parameter.set(Float32Array.from({ length: parameter.size }, () => range[0] + next() * (range[1] - range[0])));
  }
  return model;
}

/** The models of a list. */
export function casesOf(lists: Readonly<Record<string, readonly Spec[]>>): readonly EveryCase[] {
  return Object.entries(lists).flatMap(([of, specs]) =>
    specs.map((spec) => ({
      of,
      name: spec.says === undefined ? of : `${of}, ${spec.says}`,
      make: () => modelOf(spec),
      x: (rows: number) => rowsOf(spec, rows),
    })),
  );
}
