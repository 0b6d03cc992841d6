// Resizing of images, axis by axis. ONNX has many rules for where in the input the centre of an output's cell is; what counts is whether
// the places are those of `upsample2d`. Otherwise, where they are p / q apart, the image is made q times larger, and every p-th cell of that
// is taken, from the right one on: if it has such cells.
import * as w from "../../../src/index.ts";
import type { Case } from "../archive.ts";
import { apply, type Mapping } from "../mapping.ts";
import { axisOf, input, need, numberOf, numbersOf, textOf } from "../node.ts";
import type { Tensor } from "../proto.ts";
import { channelsFirst, channelsLast } from "../tensors.ts";

/** An axis: its size, the one that it gets, and the factor that is meant between them. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

/** What is done to an axis: `up` times larger, without the first `skip` cells, and every `down`-th of these. */
interface Steps {
  readonly up: number;
  readonly skip: number;
  readonly down: number;
  /** Cells that are wanted beyond the last one: as the last one; or, below 0, that are not wanted. */
  readonly beyond: number;
}

function axesOf(entry: Case): Axis[] {
  const { inputs, node } = entry;
  const { shape } = input(entry, 0);
  const [scales, sizes] = node.operator === "Upsample" ? [inputs[1], undefined] : [inputs[2], inputs[3]];
  const every = shape.map((_, axis) => axis);
  const axes = numbersOf(entry, "axes", every).map((axis) => axisOf(axis, shape.length));
  const policy = textOf(entry, "keep_aspect_ratio_policy", "stretch");
  const given = axes.map((axis, i) => (scales?.data.length ? scales.data[i]! : sizes!.data[i]! / shape[axis]!));
  const same = policy === "not_larger" ? Math.min(...given) : policy === "not_smaller" ? Math.max(...given) : undefined;
  return every.map((axis) => {
    const from = shape[axis]!;
    const i = axes.indexOf(axis);
    const scale = i < 0 ? 1 : (same ?? given[i]!);
    const to = scales?.data.length ? Math.floor(from * scale) : Math.round(from * scale);
    return { from, to, scale };
  });
}

/** Where in the input the centre of an output's cell is, by ONNX's names. */
const CENTRES: Readonly<Record<string, (i: number, axis: Axis) => number>> = {
  half_pixel: (i, { scale }) => (i + 0.5) / scale - 0.5,
  half_pixel_symmetric: (i, { from, to, scale }) => (from / 2) * (1 - to / (scale * from)) + (i + 0.5) / scale - 0.5,
  pytorch_half_pixel: (i, { to, scale }) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0),
  align_corners: (i, { from, scale }) => (scale * from === 1 ? 0 : (i * (from - 1)) / (scale * from - 1)),
  asymmetric: (i, { scale }) => i / scale,
};

/** The nearest cell of a place, by ONNX's names. */
const ROUNDINGS: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

const within = (cell: number, { from }: Axis): number => Math.min(Math.max(cell, 0), from - 1);

/** The fraction with a small denominator; a float32 has seven digits. */
function fraction(value: number): readonly [over: number, under: number] | undefined {
  const under = Array.from({ length: 64 }, (_, i) => i + 1).find(
    (n) => Math.abs(Math.round(value * n) / n - value) < 1e-6,
  );
  return under === undefined ? undefined : [Math.round(value * under), under];
}

/**
 * Steps that give the wanted place for each cell of the output.
 * @param step between two places, before they are kept within the image
 * @param placeOf the place of a cell of the enlarged axis
 */
function stepsOf(
  { from, to }: Axis,
  step: number,
  wanted: (i: number) => number,
  placeOf: (cell: number, up: number) => number,
): Steps | undefined {
  const [down, up] = fraction(step || 1) ?? [1, 1];
  const last = up * from - 1;
  const isRight = (skip: number): boolean =>
    Array.from({ length: to }, (_, i) => placeOf(Math.min(down * i + skip, last), up) - wanted(i)).every(
      (error) => Math.abs(error) < 1e-5,
    );
  for (let skip = 0; skip <= last; skip++) {
    if (isRight(skip)) return { up, skip, down, beyond: skip + down * (to - 1) - last };
  }
  return undefined;
}

type Interpolation = "nearest" | "bilinear";

/** The places of `upsample2d`, by its coordinates. */
const OWN = {
  halfPixel: (i: number, { from, to }: Axis): number => ((i + 0.5) * from) / to - 0.5,
  alignCorners: (i: number, { from, to }: Axis): number => (to > 1 ? (i * (from - 1)) / (to - 1) : 0),
  asymmetric: (i: number, { from, to }: Axis): number => (i * from) / to,
} as const;

/** The coordinates with which `upsample2d` has the wanted places; "nearest" has one. */
function ownOf(axis: Axis, wanted: (i: number) => number, kind: Interpolation): keyof typeof OWN | undefined {
  const all = kind === "nearest" ? (["asymmetric"] as const) : (["halfPixel", "alignCorners", "asymmetric"] as const);
  const taken = (place: number): number => within(kind === "nearest" ? Math.floor(place + 1e-6) : place, axis);
  return all.find((name) =>
    Array.from({ length: axis.to }, (_, i) => taken(OWN[name](i, axis)) - wanted(i)).every(
      (error) => Math.abs(error) < 1e-5,
    ),
  );
}

async function resize(entry: Case): Promise<[Tensor]> {
  const upsample = entry.node.operator === "Upsample";
  const mode = textOf(entry, "mode", "nearest");
  const centre = upsample ? "asymmetric" : textOf(entry, "coordinate_transformation_mode", "half_pixel");
  const rounding = upsample ? "floor" : textOf(entry, "nearest_mode", "round_prefer_floor");
  need(mode !== "cubic", "mode cubic");
  need(numberOf(entry, "antialias", 0) === 0, "antialias");
  const place = CENTRES[centre]!;
  need(place !== undefined, centre);
  const [rows, channels, ...sides] = axesOf(entry);
  need(rows!.scale === 1 && channels!.scale === 1 && sides.length === 2, "other axes than those of an image");
  const interpolation = mode === "linear" ? "bilinear" : "nearest";
  const round = mode === "nearest" ? ROUNDINGS[rounding]! : (value: number) => value;
  const wanted = sides.map((axis) => (i: number) => within(round(place(i, axis)), axis));
  const [down, along] = sides.map((axis, k) => ownOf(axis, wanted[k]!, interpolation));
  /** An option of both axes, where one stays as it is. */
  const both = (k: number, value: number, otherwise: number): [number, number] =>
    k === 0 ? [value, otherwise] : [otherwise, value];
  const coordinates = (name: keyof typeof OWN) => (interpolation === "bilinear" ? { coordinates: name } : {});
  const layersOf = (axis: Axis, k: number): w.Layer[] => {
    const own = [down, along][k];
    const other = k === 0 ? sides[1]!.from : sides[0]!.to; // the axes change one after another
    if (own) return [w.upsample2d({ size: both(k, axis.to, other), interpolation, ...coordinates(own) })];
    const placeOf = (cell: number, up: number): number =>
      mode === "nearest" ? Math.floor(cell / up) : within((cell + 0.5) / up - 0.5, axis);
    const steps = stepsOf(axis, place(1, axis) - place(0, axis), wanted[k]!, placeOf);
    need(steps !== undefined, `${mode}, ${centre}${mode === "nearest" ? `, ${rounding}` : ""}, by such a factor`);
    const { up, skip, down: every, beyond } = steps!;
    const [front, behind] = [both(k, skip, 0), both(k, Math.max(-beyond, 0), 0)];
    return [
      w.upsample2d({ factor: both(k, up, 1), interpolation }),
      ...(beyond > 0 ? [w.pad({ after: both(k, beyond, 0), mode: "edge" })] : []),
      w.crop2d([front[0], behind[0], front[1], behind[1]]),
      w.maxPool2d(1, { strides: both(k, every, 1) }),
    ];
  };
  const layers =
    down && down === along
      ? [w.upsample2d({ size: [sides[0]!.to, sides[1]!.to], interpolation, ...coordinates(down) })]
      : sides.flatMap(layersOf);
  return [channelsFirst(await apply(channelsLast(input(entry, 0)), layers))];
}

export const resizes: Readonly<Record<string, Mapping>> = { Resize: resize, Upsample: resize };
