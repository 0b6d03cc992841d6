// Convolutions, pools, and sizes of images: layers on [height, width, channels], or on [steps, channels].
import type { Layer } from "../../../../graph/layer.ts";
import * as layers from "../../../../nn/layers/index.ts";
import { transposed } from "../fold/numbers.ts";
import { windowSides, type Windows } from "../fold/windows.ts";
import type { WorkNode } from "../workGraph.ts";
import { axisSize } from "./atoms.ts";
import { atom, type Builder, layerOf } from "./builder.ts";
import type { Family } from "./family.ts";
import { use } from "./steps.ts";
import type { Atom, Step, View } from "./types.ts";

/** An input [rows, channels, places...] of one or two axes of places. */
export function imageOf(builder: Builder, node: WorkNode): { x: View; places: number[]; rank: 1 | 2 } {
  const x = builder.input(node, 0);
  builder.checkRank(node, x, [3, 4], "its layer works on images or sequences");
  builder.checkRows(node, x);
  const places = x.axes.slice(2).map(axisSize);
  return { x, places, rank: places.length as 1 | 2 };
}

/** Adds a layer on an image; its output has these places and channels. */
function addImage(
  builder: Builder,
  node: WorkNode,
  x: View,
  make: Step["make"],
  more: { readonly weight?: string; readonly frozen?: boolean } = {},
): View {
  const channels = x.axes[1]!;
  const places = x.axes.slice(2);
  const ref = builder.add({ node, uses: [use(x, [...places, channels])], make, ...more });
  const sizes = ref.shape.map(atom);
  const axes: (readonly Atom[])[] = [x.axes[0]!, sizes.at(-1)!, ...sizes.slice(0, -1)];
  return { ref, axes, stored: sizes.flat() };
}

/** The window of a node; each of its attributes must have a number for each axis of places, pads two. */
function windowOf(builder: Builder, node: WorkNode, places: readonly number[], kernel: readonly number[]): Windows {
  for (const name of ["kernel_shape", "strides", "dilations", "pads", "output_padding"]) {
    const given = node.attributes.ints(name);
    const count = places.length * (name === "pads" ? 2 : 1);
    if (given && given.length !== count) {
      throw builder.error(node, `it must have ${count} numbers, got [${given.join(", ")}]`, name);
    }
  }
  return windowSides(node, places, kernel);
}

const pairOf = (values: readonly number[]): number | [number, number] =>
  values.length === 1 ? values[0]! : (values as [number, number]);

/** Cells at the sides as a layer takes them; they can't be below 0. */
function paddingOf(builder: Builder, node: WorkNode, { before, after }: Windows) {
  if ([...before, ...after].some((n) => n < 0)) {
    throw builder.error(
      node,
      `they must be 0 or more, got ${[...before, ...after].join(", ")}; a Slice before it cuts cells off`,
      "pads",
    );
  }
  const sides = before.flatMap((n, axis) => [n, after[axis]!]);
  if (sides.every((n) => n === 0)) return "valid" as const;
  return sides as unknown as readonly [number, number, number, number] & readonly [number, number];
}

function conv(builder: Builder, node: WorkNode): void {
  const { x, places, rank } = imageOf(builder, node);
  const name = node.inputs[1]!;
  const weight = builder.constant(node, 1);
  if (!weight) throw builder.error(node, `its weights "${name}" must be a constant`);
  if (weight.shape.length !== rank + 2) {
    throw builder.error(node, `its weights must have ${rank + 2} axes, got [${weight.shape.join(", ")}]`);
  }
  const isTransposed = node.operator === "ConvTranspose";
  const windows = windowOf(builder, node, places, weight.shape.slice(2));
  const groups = node.attributes.int("group", 1);
  const channels = axisSize(x.axes[1]!);
  const expected = isTransposed ? weight.shape[0]! : weight.shape[1]! * groups;
  if (channels !== expected) {
    throw builder.error(node, `its weights take ${expected} channels, got ${channels}`);
  }
  const size = weight.shape.slice(2);
  const given = node.attributes.ints("kernel_shape");
  if (given && given.join() !== size.join()) {
    throw builder.error(
      node,
      `it must be that of the weights, ${size.join(", ")}, got ${given.join(", ")}`,
      "kernel_shape",
    );
  }
  const filters = isTransposed ? weight.shape[1]! * groups : weight.shape[0]!;
  const order = [...size.map((_, axis) => axis + 2), 1, 0];
  const kernel = transposed({ ...weight, type: "float", data: builder.numbers(node, name) }, order)
    .data as Float32Array;
  const bias = builder.weights(node, 2, [filters]);
  const padding = paddingOf(builder, node, windows);
  const isDepthwise = !isTransposed && rank === 2 && groups > 1 && weight.shape[1] === 1;
  const options = {
    kernelSize: pairOf(size),
    strides: pairOf(windows.strides),
    padding,
    dilation: pairOf(windows.dilations),
    useBias: bias !== undefined,
  } as const;
  const make = (called: string): Layer => {
    const common = { ...options, name: called } as never;
    if (isDepthwise)
      return layers.depthwiseConv2d({ ...options, depthMultiplier: filters / groups, name: called } as never);
    if (isTransposed) {
      const more = { ...(common as object), groups, outputPadding: pairOf(windows.outputPadding) } as never;
      return rank === 1 ? layers.conv1dTranspose(filters, more) : layers.conv2dTranspose(filters, more);
    }
    const grouped = { ...(common as object), groups } as never;
    return rank === 1 ? layers.conv1d(filters, grouped) : layers.conv2d(filters, grouped);
  };
  builder.set(node, addImage(builder, node, x, layerOf(make, { kernel, ...(bias && { bias }) }), { weight: name }));
}

function pool(builder: Builder, node: WorkNode): void {
  const { x, places, rank } = imageOf(builder, node);
  const { attributes, operator } = node;
  const size = attributes.ints("kernel_shape");
  if (!size) throw builder.error(node, "it is missing", "kernel_shape");
  const windows = windowOf(builder, node, places, size);
  attributes.int("storage_order"); // of the indices, which aren't given
  builder.checkOutputs(node, 1);
  const auto = attributes.string("auto_pad", "NOTSET");
  const ceilMode = attributes.int("ceil_mode", 0) === 1 && auto !== "VALID" && !auto.startsWith("SAME");
  const options = {
    strides: pairOf(windows.strides),
    padding: paddingOf(builder, node, windows),
    dilation: pairOf(windows.dilations),
    ...(ceilMode && { ceilMode }),
  };
  const countPadding = operator === "AveragePool" && attributes.int("count_include_pad", 0) === 1;
  const make = (name: string): Layer => {
    const common = { ...options, name, ...(countPadding && { countPadding }) } as never;
    if (operator === "MaxPool") {
      return rank === 1 ? layers.maxPool1d(size[0]!, common) : layers.maxPool2d(pairOf(size), common);
    }
    return rank === 1 ? layers.avgPool1d(size[0]!, common) : layers.avgPool2d(pairOf(size), common);
  };
  builder.set(node, addImage(builder, node, x, layerOf(make)));
}

/** One number of each channel, in as many axes as before. */
function globalPool(builder: Builder, node: WorkNode): void {
  const { x, rank } = imageOf(builder, node);
  const isMax = node.operator === "GlobalMaxPool";
  const make = (name: string): Layer => {
    if (rank === 1) return isMax ? layers.globalMaxPool1d({ name }) : layers.globalAvgPool1d({ name });
    return isMax ? layers.globalMaxPool2d({ name }) : layers.globalAvgPool2d({ name });
  };
  const ref = builder.add({ node, uses: [use(x, [...x.axes.slice(2), x.axes[1]!])], make: layerOf(make) });
  const channels = atom(ref.shape[0]!);
  builder.set(node, { ref, axes: [x.axes[0]!, channels, ...x.axes.slice(2).map(() => [])], stored: channels });
}

/** Images of another size: whole factors of the nearest cell, or blends of the four around a place. */
function resize(builder: Builder, node: WorkNode): void {
  const { attributes, operator } = node;
  const opset = builder.graph.opset();
  const { x, places, rank } = imageOf(builder, node);
  const list = (at: number): readonly number[] | undefined => {
    const constant = builder.constant(node, at);
    if (!constant && (node.inputs[at] ?? "") !== "") throw builder.error(node, "its sizes must be constants");
    return constant && constant.data.length > 0 ? [...constant.data] : undefined;
  };
  const old = operator === "Upsample" || opset < 11;
  const axes = (attributes.ints("axes") ?? x.axes.map((_, axis) => axis)).map((axis) =>
    axis < 0 ? axis + x.axes.length : axis,
  );
  const scalesGiven = old ? (list(1) ?? attributes.floats("scales")) : list(2);
  const sizesGiven = old ? undefined : list(3);
  const spread = <T>(values: readonly T[] | undefined, otherwise: (axis: number) => T): T[] | undefined =>
    values && x.axes.map((_, axis) => (axes.includes(axis) ? values[axes.indexOf(axis)]! : otherwise(axis)));
  const scales = spread(scalesGiven, () => 1);
  const sizes = spread(sizesGiven, (axis) => axisSize(x.axes[axis]!));
  if (!scales && !sizes) throw builder.error(node, "it has neither scales nor sizes");
  const out = places.map((n, i) => (sizes ? sizes[i + 2]! : Math.floor(n * scales![i + 2]! + 1e-6)));
  const channelsStay = sizes ? sizes[1] === axisSize(x.axes[1]!) : scales![1] === 1 && scales![0] === 1;
  if (!channelsStay)
    throw builder.error(node, "only the places of an image can be resized, but rows or channels are, too");
  const mode = attributes.string("mode", "nearest");
  const coordinates = attributes.string("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  const nearest = attributes.string("nearest_mode", old ? "floor" : "round_prefer_floor");
  attributes.float("cubic_coeff_a");
  attributes.float("extrapolation_value");
  const policy = attributes.string("keep_aspect_ratio_policy", "stretch");
  if (attributes.int("exclude_outside", 0) !== 0) throw builder.error(node, "only 0 has a layer", "exclude_outside");
  if (attributes.int("antialias", 0) !== 0) throw builder.error(node, "only 0 has a layer", "antialias");
  if (policy !== "stretch")
    throw builder.error(node, `only "stretch" has a layer, got "${policy}"`, "keep_aspect_ratio_policy");
  const isExact = out.every((n, i) => sizes || Math.abs(n / places[i]! - scales![i + 2]!) < 1e-6);
  const factors = out.map((n, i) => n / places[i]!);
  const isWhole = factors.every(Number.isInteger);
  const size = rank === 1 ? ([1, out[0]!] as const) : (out as [number, number]);
  let options: object | undefined;
  if (mode === "nearest") {
    // with a whole factor, places between cells are rounded to the same cell in any of these ways
    const inside =
      coordinates === "half_pixel" || coordinates === "pytorch_half_pixel" || coordinates === "half_pixel_symmetric";
    const same =
      (coordinates === "asymmetric" && nearest === "floor" && isExact) ||
      (isWhole && inside && nearest.startsWith("round_prefer"));
    if (same) options = { size };
  } else if (mode === "linear" || mode === "bilinear") {
    const halves =
      coordinates === "half_pixel" ||
      (coordinates === "half_pixel_symmetric" && isExact) ||
      (coordinates === "pytorch_half_pixel" && out.every((n) => n > 1));
    const known = halves
      ? "halfPixel"
      : coordinates === "align_corners"
        ? "alignCorners"
        : coordinates === "asymmetric"
          ? "asymmetric"
          : undefined;
    if (known && isExact) options = { size, interpolation: "bilinear", coordinates: known };
  }
  if (!options) {
    throw builder.error(
      node,
      `mode "${mode}" with coordinates "${coordinates}" and nearest_mode "${nearest}" from ${places.join(" x ")} to ${out.join(" x ")} has no layer; ` +
        `"nearest" with "asymmetric" and "floor" has one, and "linear" with "half_pixel", "align_corners" or "asymmetric", where the scales are those of the sizes`,
      "mode",
    );
  }
  const make = (name: string): Layer => layers.upsample2d({ ...options, name });
  if (rank === 2) {
    builder.set(node, addImage(builder, node, x, layerOf(make)));
    return;
  }
  const ref = builder.add({ node, uses: [use(x, [[], x.axes[2]!, x.axes[1]!])], make: layerOf(make) });
  const [steps, channels] = [atom(ref.shape[1]!), atom(ref.shape[2]!)];
  builder.set(node, { ref, axes: [x.axes[0]!, channels, steps], stored: [...steps, ...channels] });
}

/** By operator. */
export const WINDOWS: Family = {
  Conv: conv,
  ConvTranspose: conv,
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  Resize: resize,
  Upsample: resize,
};
