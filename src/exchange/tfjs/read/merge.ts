// Layers of TensorFlow.js that read several values, as our composites.
import * as composites from "../../../nn/composites/index.ts";
import { reshape } from "../../../nn/layers/reshape.ts";
import type { Layer } from "../../../graph/layer.ts";
import { type Shape, shapeText } from "../../../util/shape.ts";
import { refuse } from "./config.ts";
import type { Value } from "./flow.ts";
import type { Call, Convert } from "./reader.ts";
import { affine, axisOf } from "./shapes.ts";

/** The shape of values that are repeated where they have a single place: axes are counted from the last. */
function commonShape({ where, inputs }: Call): Shape {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  const common = Array.from<number>({ length: rank }).fill(1);
  for (const { shape } of inputs) {
    shape.forEach((n, i) => {
      const axis = rank - shape.length + i;
      if (n !== 1 && common[axis] !== 1 && common[axis] !== n) {
        const all = inputs.map((input) => shapeText(input.shape)).join(", ");
        throw refuse(where, `its inputs must have the same shape, or a single place where they differ, got ${all}`);
      }
      if (n !== 1) common[axis] = n;
    });
  }
  return common;
}

type Named = "average" | "divide" | "maximum" | "multiply" | "subtract";

const branches = (names: readonly string[]): Layer[] => names.map((name) => composites.from(name));

function checkCount({ where, inputs }: Call, least = 2, most = Infinity): void {
  if (inputs.length >= least && inputs.length <= most) return;
  throw refuse(where, `it takes ${least === most ? least : `${least} or more`} values, got ${inputs.length}`);
}

/** An operator on several values. */
export function operate(call: Call, type: Named | "add", inputs: readonly Value[], hint: string): Value {
  const shape = commonShape({ ...call, inputs });
  const same = inputs.every((input) => shapeText(input.shape) === shapeText(shape));
  return call.reader.flow.join(call.where, undefined, inputs, shape, hint, (names) => {
    const all = branches(names);
    if (type !== "add") return [composites[type](all)];
    // adds values of the same shape alone: the mean of n, which repeats, is the sum of n as large
    return [
      same
        ? composites.add(all)
        : composites.subtract([all[0]!, composites.subtract([composites.subtract([all[1]!, all[1]!]), all[1]!])]),
    ];
  });
}

const operator =
  (type: Named | "add", most = Infinity): Convert =>
  (call) => {
    checkCount(call, 2, most);
    if (type !== "add" || call.inputs.length === 2) return [operate(call, type, call.inputs, call.name)];
    const same = call.inputs.every(({ shape }) => shapeText(shape) === shapeText(call.inputs[0]!.shape));
    if (same) return [operate(call, type, call.inputs, call.name)];
    return [call.inputs.slice(1).reduce((sum, input) => operate(call, type, [sum, input], call.name), call.inputs[0]!)];
  };

/** The smallest: what is negated is the largest of what is negated. */
const minimum: Convert = (call) => {
  checkCount(call);
  const { flow } = call.reader;
  const negated = (value: Value, suffix: string): Value =>
    flow.unary(call.where, value, affine(call, value.shape, -1, 0, suffix), `${call.name}/${suffix}`);
  const all = call.inputs.map((input, i) => negated(input, `negative${i + 1}`));
  return [negated(operate(call, "maximum", all, `${call.name}/largest`), "result")];
};

const concatenate: Convert = (call) => {
  checkCount(call);
  const { config, inputs, reader, where, name } = call;
  const axis = config.raw("axis") ?? -1;
  if (!Number.isInteger(axis)) throw config.odd("axis", "must be a whole number");
  const { shape } = inputs[0]!;
  const place = axisOf(call, axis as number, shape);
  const fits = inputs.every(
    (each) => each.shape.length === shape.length && each.shape.every((n, i) => i === place || n === shape[i]),
  );
  if (!fits) {
    const all = inputs.map((input) => shapeText(input.shape)).join(", ");
    throw refuse(where, `its inputs must agree on all axes but ${place + 1}, got ${all}`);
  }
  const total = inputs.reduce((sum, each) => sum + each.shape[place]!, 0);
  return [
    reader.flow.join(where, undefined, inputs, shape.with(place, total), name, (names) => [
      composites.concat(branches(names), { axis: place }),
    ]),
  ];
};

const dot: Convert = (call) => {
  checkCount(call, 2, 2);
  const { config, inputs, reader, where, name } = call;
  const given = config.raw("axes");
  const list: readonly unknown[] = Array.isArray(given) ? given : [given, given];
  if (list.length !== 2 || !list.every(Number.isInteger)) throw config.odd("axes", "must be a whole number or two");
  const normalize = config.flag("normalize", false);
  const [a, b] = inputs as [Value, Value];
  const [i, k] = [axisOf(call, list[0] as number, a.shape, "axes"), axisOf(call, list[1] as number, b.shape, "axes")];
  if (a.shape.length > 2 || b.shape.length > 2) throw refuse(where, "its inputs must have at most 2 axes each");
  if (a.shape[i] !== b.shape[k]) {
    throw refuse(
      where,
      `axes ${i + 1} and ${k + 1} of its inputs must have the same size, got ${shapeText(a.shape)} and ${shapeText(b.shape)}`,
    );
  }
  const vectors = a.shape.length === 1 && b.shape.length === 1;
  if (vectors) {
    return [
      reader.flow.join(where, undefined, inputs, [1], name, (names) => [
        composites.dot(branches(names) as [Layer, Layer], { normalize }),
      ]),
    ];
  }
  if (normalize) throw config.odd("normalize", "must be false for inputs of two axes");
  const matrix = (value: Value): Shape => (value.shape.length === 1 ? [value.shape[0]!, 1] : value.shape);
  const rest = [...a.shape.toSpliced(i, 1), ...b.shape.toSpliced(k, 1)];
  return [
    reader.flow.join(where, undefined, inputs, rest, name, (names) => {
      const [x, y] = names.map((each, j) => composites.from(each, reshape(matrix(inputs[j]!)))) as [Layer, Layer];
      const product = composites.matmul([x, y], {
        transposeA: i === 0,
        transposeB: k === matrix(b).length - 1 && k === 1,
      });
      return [product, reshape(rest)];
    }),
  ];
};

/** By class_name. */
export const MERGE: Readonly<Record<string, Convert>> = {
  Add: operator("add"),
  Average: operator("average"),
  Concatenate: concatenate,
  Dot: dot,
  Maximum: operator("maximum"),
  Minimum: minimum,
  Multiply: operator("multiply"),
  Subtract: operator("subtract", 2),
};
