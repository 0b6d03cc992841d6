// What PyTorch's modules call the parameters of each layer, and where their numbers are: channels are first there, last here.
import type { ModelNode } from "../../graph/layer.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";

/** A part of a tensor of PyTorch that is one parameter with other axes. */
export interface TorchPart {
  /** The parameter's name within the layer. */
  readonly local: string;
  /** The axes of the part, each axis split in those that the parameter has of it. */
  readonly axes: Shape;
  /** Which of them each of the parameter's is. */
  readonly order: readonly number[];
}

/** A tensor of a module. */
export interface TorchSlot {
  /** Its name within the module: `weight`. */
  readonly name: string;
  readonly shape: Shape;
  /** Its parts, which follow each other. */
  readonly parts: readonly TorchPart[];
  /** A second bias where we have one: it is added to the other when it is read, and written as zeros. */
  readonly added?: boolean;
}

/** Sizes of what was flattened, channels last: the numbers of a layer's input or output are in that order. */
export interface Orders {
  readonly input?: Shape | undefined;
  readonly output?: Shape | undefined;
}

/** One axis of a parameter: its size, or the axes that it was before it was flattened. */
type Axis = number | Shape;

/** A parameter of these axes, which has them in the order `places` in PyTorch. */
function part(local: string, axes: readonly Axis[], places: readonly number[]): TorchPart {
  /** In PyTorch's order: each axis split, its channels first. */
  const split = axes.map((axis) => (typeof axis === "number" ? [axis] : [axis.at(-1)!, ...axis.slice(0, -1)]));
  const starts: number[] = [];
  const flat: number[] = [];
  for (let place = 0; place < axes.length; place++) {
    const own = places.indexOf(place);
    starts[own] = flat.length;
    flat.push(...split[own]!);
  }
  const order = split.flatMap((sizes, i) => sizes.map((_, k) => starts[i]! + ((k + 1) % sizes.length)));
  return { local, axes: flat, order };
}

/** A tensor that is one parameter. */
function single(
  name: string,
  local: string,
  axes: readonly Axis[],
  places = axes.map((_, i) => i),
  shape?: Shape,
): TorchSlot {
  const sizes = axes.map((axis) => (typeof axis === "number" ? axis : sizeOf(axis)));
  const own = sizes.map((_, place) => sizes[places.indexOf(place)]!);
  return { name, shape: shape ?? own, parts: [part(local, axes, places)] };
}

/** Shapes of the layer's parameters by their names. */
type Shapes = Readonly<Record<string, Shape>>;
type Slots = (shapes: Shapes, orders: Orders, node: ModelNode, where: string) => readonly TorchSlot[];

const bias = (shapes: Shapes, { output }: Orders = {}, name = "bias"): TorchSlot[] =>
  shapes["bias"] ? [single(name, "bias", [output ?? shapes["bias"][0]!])] : [];

const dense: Slots = (shapes, orders) => {
  const [inputs, outputs] = shapes["weight"]!;
  return [
    single("weight", "weight", [orders.input ?? inputs!, orders.output ?? outputs!], [1, 0]),
    ...bias(shapes, orders),
  ];
};

/** Windows are first here: PyTorch's order is that of the axes read backwards, the window's own kept. */
const kernel = (name: string, local: string, shape: Shape): TorchSlot =>
  shape.length === 4 ? single(name, local, shape, [2, 3, 1, 0]) : single(name, local, shape, [2, 1, 0]);

const convolution: Slots = (shapes) => [kernel("weight", "kernel", shapes["kernel"]!), ...bias(shapes)];

const depthwise = (name: string, local: string, shape: Shape): TorchSlot => {
  const [height, width, channels, multiplier] = shape;
  return single(name, local, shape, [2, 3, 0, 1], [channels! * multiplier!, 1, height!, width!]);
};

const affine: Slots = (shapes, { input }) =>
  (["weight", "bias"] as const).flatMap((name) => {
    const local = name === "weight" ? "gamma" : "beta";
    return shapes[local] ? [single(name, local, [input ?? shapes[local][0]!])] : [];
  });

const recurrent: Slots = (shapes, _, { layer, name }, where) => {
  if ((layer.options as { readonly resetAfter?: boolean }).resetAfter === false) {
    throw new RangeError(
      `${where}: ${name} resets the state before the product (resetAfter: false), which no module of PyTorch does`,
    );
  }
  const [ih, hh] = [shapes["weightIh"]!, shapes["weightHh"]!];
  const columns = [ih[1]!];
  const second = single("bias_hh", shapes["biasHh"] ? "biasHh" : "bias", columns);
  return [
    single("weight_ih", "weightIh", ih, [1, 0]),
    single("weight_hh", "weightHh", hh, [1, 0]),
    single("bias_ih", shapes["biasIh"] ? "biasIh" : "bias", columns),
    shapes["biasHh"] ? second : { ...second, added: true },
  ];
};

const attention: Slots = (shapes, _, { name, input }, where) => {
  const width = input[1]!;
  const parts = ["Q", "K", "V"];
  if (shapes["weightQ"]![1] !== width || shapes["weightV"]![1] !== width) {
    throw new RangeError(
      `${where}: ${name} has heads that are together ${shapeText([shapes["weightQ"]![1]!, shapes["weightV"]![1]!])} wide, but its input is ${width}; ` +
        "PyTorch's MultiheadAttention has them as wide as the input",
    );
  }
  const same = shapes["weightK"]![0] === width;
  const projections = same
    ? [
        {
          name: "in_proj_weight",
          shape: [3 * width, width],
          parts: parts.map((each) => part(`weight${each}`, shapes[`weight${each}`]!, [1, 0])),
        },
      ]
    : parts.map((each) =>
        single(`${each.toLowerCase()}_proj_weight`, `weight${each}`, shapes[`weight${each}`]!, [1, 0]),
      );
  return [
    ...projections,
    ...(shapes["biasQ"]
      ? [{ name: "in_proj_bias", shape: [3 * width], parts: parts.map((each) => part(`bias${each}`, [width], [0])) }]
      : []),
    single("out_proj.weight", "weightO", shapes["weightO"]!, [1, 0]),
    ...(shapes["biasO"] ? [single("out_proj.bias", "biasO", [width])] : []),
  ];
};

const table: Slots = (shapes) => [single("weight", "weight", shapes["weight"]!), ...bias(shapes)];

/** The tensors of a module by our layer. */
const LAYERS: Readonly<Record<string, Slots>> = {
  dense,
  tiedDense: table,
  embedding: table,
  positionalEmbedding: table,
  conv1d: convolution,
  conv2d: convolution,
  conv1dTranspose: convolution,
  conv2dTranspose: convolution,
  depthwiseConv2d: (shapes) => [depthwise("weight", "kernel", shapes["kernel"]!), ...bias(shapes)],
  separableConv2d: (shapes) => [
    depthwise("depthwise.weight", "depthwiseKernel", shapes["depthwiseKernel"]!),
    kernel("pointwise.weight", "pointwiseKernel", shapes["pointwiseKernel"]!),
    ...bias(shapes, {}, "pointwise.bias"),
  ],
  batchNorm: (shapes, orders, node, where) => [
    ...affine(shapes, orders, node, where),
    single("running_mean", "runningMean", [orders.input ?? shapes["runningMean"]![0]!]),
    single("running_var", "runningVariance", [orders.input ?? shapes["runningVariance"]![0]!]),
  ],
  layerNorm: affine,
  groupNorm: affine,
  instanceNorm: affine,
  rmsNorm: affine,
  prelu: (shapes, { input }) => [single("weight", "slope", [input ?? shapes["slope"]![0]!])],
  simpleRnn: recurrent,
  lstm: recurrent,
  gru: recurrent,
  attention,
  selfAttention: attention,
};

/** Layers whose module's tensors end with the number of the layer, `weight_ih_l0`. */
export const isRecurrent = (node: ModelNode): boolean => LAYERS[node.layer.type] === recurrent;

/**
 * The tensors of PyTorch that a layer's parameters are.
 *
 * @throws {RangeError} if no module of PyTorch is like it
 */
export function torchSlots(where: string, node: ModelNode, orders: Orders): readonly TorchSlot[] {
  const { type } = node.layer;
  if (!Object.hasOwn(LAYERS, type))
    throw new RangeError(`${where}: ${node.name} (${type}) is no layer that PyTorch has a module for`);
  return LAYERS[type]!(
    Object.fromEntries(node.parameters.map(({ local, shape }) => [local, shape])),
    orders,
    node,
    where,
  );
}

/**
 * The numbers of a part in the parameter's order, or back.
 *
 * @param from the part's numbers; `to` has as many
 * @param back `from` is the parameter, `to` the part
 */
export function exchange({ axes, order }: TorchPart, from: ArrayLike<number>, to: Float32Array, back: boolean): void {
  const sizes = order.map((axis) => axes[axis]!);
  const steps = order.map((axis) => sizeOf(axes.slice(axis + 1)));
  const place = sizes.map(() => 0);
  for (let own = 0, theirs = 0; own < to.length; own++) {
    if (back) to[theirs] = from[own]!;
    else to[own] = from[theirs]!;
    // counting as an odometer does
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      theirs += steps[axis]!;
      if (++place[axis]! < sizes[axis]!) break;
      theirs -= steps[axis]! * sizes[axis]!;
      place[axis] = 0;
    }
  }
}
