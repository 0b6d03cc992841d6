// Layers that move numbers, leave some out, or repeat them.
import { int, text } from "./graphWriter.ts";
import type { LayerWriter, Place } from "./place.ts";
import { axesOf, axisIn, type Form, type Value } from "./value.ts";
import { formWithout } from "./operators.ts";

const reshape: LayerWriter = (place) => place.x.reshaped(place.output);

const permute: LayerWriter = (place) => {
  const { order } = place.options as unknown as { readonly order: readonly number[] };
  const { x, input } = place;
  if (input.length === 1) return x;
  const given = axesOf(x.natural, input.length);
  const places = [-1, ...order].map((axis) => given.indexOf(axis));
  return place.give("last", place.graph.transpose(x.get(x.natural), places));
};

/** The form in which an axis can be looked at: flattened values have it nowhere but in their own order. */
const formOf = ({ x, input }: Place): Form => (input.length === 1 ? "last" : x.natural);

const slice: LayerWriter = (place) => {
  const { axis: given, from, to } = place.options as unknown as { axis: number; from: number; to?: number };
  const { input, graph, x } = place;
  const rank = input.length;
  const axis = given < 0 ? rank + given : given;
  const n = input[axis]!;
  const [begin, end] = [from, to ?? n].map((at) => (at < 0 ? n + at : at)) as [number, number];
  const form = formOf(place);
  return place.give(form, graph.slice(x.get(form), [axisIn(form, axis, rank)], [begin], [end]));
};

const pick: LayerWriter = (place) => {
  const { index, axis: given } = place.options as unknown as { readonly index: number | string; readonly axis: number };
  const { input, graph, x } = place;
  const rank = input.length;
  const axis = given < 0 ? rank + given : given;
  if (typeof index === "string") {
    // each row's own place, along the first axis behind that of the batch
    const axes = axesOf("last", rank);
    const tensor = graph.transpose(x.get("last"), [
      0,
      axis + 1,
      ...axes.map((_, i) => i).filter((i) => i > 0 && i !== axis + 1),
    ]);
    const lengths = graph.reshape(place.others["lengths"]!.whole, [-1, 1]);
    const last = place.op("Sub", [lengths, graph.integer(1)]);
    const picked = place.op("GatherND", [tensor, last], { batch_dims: int(1) });
    return place.give("last", rank === 1 ? graph.reshape(picked, [-1, 1]) : picked);
  }
  const at = index < 0 ? input[axis]! + index : index;
  if (rank === 1)
    return place.give("last", place.op("Gather", [x.get("last"), graph.integers([at])], { axis: int(1) }));
  const form = x.natural;
  const picked = place.op("Gather", [x.get(form), graph.integer(at)], { axis: int(axisIn(form, axis, rank)) });
  return place.give(formWithout(form, axis, rank), picked);
};

/** Cells before and after each axis of a row. */
type Cells = readonly (readonly [before: number, after: number])[];

/** Cuts off what is less than 0, behind what is put around. */
function cropped(place: Place, tensor: string, form: Form, cells: Cells, sizes: readonly number[]): string {
  const cut = cells.flatMap(([before, after], axis) => (before < 0 || after < 0 ? [{ axis, before, after }] : []));
  if (cut.length === 0) return tensor;
  const ends = cut.map(({ axis, before, after }) => {
    const wide = sizes[axis]! + Math.max(before, 0) + Math.max(after, 0);
    return [Math.max(-before, 0), wide - Math.max(-after, 0)] as const;
  });
  return place.graph.slice(
    tensor,
    cut.map(({ axis }) => axisIn(form, axis, sizes.length)),
    ends.map(([from]) => from),
    ends.map(([, to]) => to),
  );
}

function surrounded(place: Place, cells: Cells, mode: string, value: number): Value {
  const { input, graph, x } = place;
  const rank = input.length;
  const form = formOf(place);
  let tensor = x.get(form);
  const order = axesOf(form, rank);
  const more = order.map((axis) => (axis < 0 ? [0, 0] : cells[axis]!.map((n) => Math.max(n, 0)))) as [number, number][];
  if (mode === "wrap") {
    more.forEach(([before, after], axis) => {
      if (before === 0 && after === 0) return;
      const n = input[order[axis]!]!;
      const parts = [
        ...(before > 0 ? [graph.slice(tensor, [axis], [n - before], [n])] : []),
        tensor,
        ...(after > 0 ? [graph.slice(tensor, [axis], [0], [after])] : []),
      ];
      tensor = place.op("Concat", parts, { axis: int(axis) });
    });
  } else if (more.some((side) => side.some((n) => n > 0))) {
    const pads = graph.integers([...more.map(([before]) => before), ...more.map(([, after]) => after)]);
    const fill = mode === "constant" && value !== 0 ? [graph.number(value)] : [];
    tensor = place.op("Pad", [tensor, pads, ...fill], { mode: text(mode) });
  }
  return place.give(form, cropped(place, tensor, form, cells, input));
}

interface PadOptions {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly mode: string;
  readonly value?: number;
}

const pad: LayerWriter = (place) => {
  const { before, after, mode, value = 0 } = place.options as unknown as PadOptions;
  const cells = place.input.map((_, axis) => [before[axis] ?? 0, after[axis] ?? 0] as const);
  return surrounded(place, cells, mode, value);
};

/** A border put around an image, or cut off. */
const border =
  (sign: 1 | -1): LayerWriter =>
  (place) => {
    const { border: sides } = place.options as unknown as {
      readonly border: readonly [number, number, number, number];
    };
    const [top, bottom, left, right] = sides.map((n) => sign * n) as [number, number, number, number];
    return surrounded(place, [[top, bottom], [left, right], [0, 0]], "constant", 0); // prettier-ignore
  };

const repeatVector: LayerWriter = (place) => {
  const { graph } = place;
  const one = place.op("Unsqueeze", [place.x.get("last"), graph.integers([1])]);
  return place.give("last", place.op("Expand", [one, graph.integers([1, ...place.output])]));
};

interface UpsampleOptions {
  readonly interpolation: "nearest" | "bilinear";
  readonly coordinates?: "halfPixel" | "alignCorners" | "asymmetric";
}

const COORDINATES = { halfPixel: "half_pixel", alignCorners: "align_corners", asymmetric: "asymmetric" } as const;

/** A factor by which an operator makes `to` of `from`: the nearest float32 that isn't too small. */
function scaleOf(from: number, to: number): number {
  let scale = Math.fround(to / from);
  for (let more = 1e-7; Math.floor(Math.fround(scale * from)) < to || scale * from < to; more *= 2) {
    scale = Math.fround((to / from) * (1 + more));
  }
  return scale;
}

const upsample2d: LayerWriter = (place) => {
  const { interpolation, coordinates = "asymmetric" } = place.options as unknown as UpsampleOptions;
  const { input, output, graph } = place;
  let tensor = place.x.get("first");
  const sides = [0, 1].map((i) => [input[i]!, output[i]!] as const);
  if (interpolation === "nearest" && sides.some(([from, to]) => to % from !== 0)) {
    // which cell is looked up: exactly, where a division would be rounded
    sides.forEach(([from, to], i) => {
      if (from === to) return;
      const cells = graph.integers(Array.from({ length: to }, (_, at) => Math.floor((at * from) / to)));
      tensor = place.op("Gather", [tensor, cells], { axis: int(i + 2) });
    });
    return place.give("first", tensor);
  }
  const scales = sides.map(([from, to]) => scaleOf(from, to));
  const all = place.made("scales", [4], () => Float32Array.from([1, 1, ...scales]));
  const attributes =
    interpolation === "nearest"
      ? { mode: text("nearest"), coordinate_transformation_mode: text("asymmetric"), nearest_mode: text("floor") }
      : { mode: text("linear"), coordinate_transformation_mode: text(COORDINATES[coordinates]) };
  return place.give("first", place.op("Resize", [tensor, "", all], attributes));
};

export const SHAPES: Readonly<Record<string, LayerWriter>> = {
  crop2d: border(-1),
  flatten: reshape,
  pad,
  permute,
  pick,
  repeatVector,
  reshape,
  slice,
  upsample2d,
  zeroPad2d: border(1),
};
