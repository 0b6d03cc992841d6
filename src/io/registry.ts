// Creates layers, initializers, regularizers and constraints by their names in files, and knows what other libraries call them.
import * as activations from "../nn/activations/index.ts";
import * as constraints from "../nn/constraints/index.ts";
import type { Constraint } from "../graph/parameter.ts";
import * as composites from "../nn/composites/index.ts";
import * as initializers from "../nn/initializers/index.ts";
import { bidirectional, bidirectionalOf } from "../nn/composites/bidirectional.ts";
import { chainOf } from "../nn/composites/composite.ts";
import type { Initializer } from "../graph/parameter.ts";
import type { Layer } from "../graph/layer.ts";
import * as layers from "../nn/layers/index.ts";
import { concatOutputs } from "../nn/composites/outputs.ts";
import { fromOf } from "../nn/composites/from.ts";
import { residualOf } from "../nn/composites/residual.ts";
import { timeDistributedOf } from "../nn/composites/timeDistributed.ts";
import * as regularizers from "../nn/regularizers/index.ts";
import type { Regularizer } from "../graph/parameter.ts";
import { checkKind } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";

type Factory<T> = (options: never) => T;

// made by pure calls: in one file with everything, a program that reads no files drops these tables and what is in them
const KINDS = /* @__PURE__ */ makeKinds();

function makeKinds() {
  return {
    layer: { ...layers, ...activations } as unknown as Readonly<Record<string, Factory<Layer>>>,
    initializer: initializers as unknown as Readonly<Record<string, Factory<Initializer>>>,
    regularizer: regularizers as unknown as Readonly<Record<string, Factory<Regularizer>>>,
    constraint: constraints as unknown as Readonly<Record<string, Factory<Constraint>>>,
  };
}

/** Composites from their layers and options. */
const COMPOSITES = /* @__PURE__ */ makeComposites();

function makeComposites(): Readonly<Record<string, (inner: readonly Layer[], options: never) => Layer>> {
  return {
    add: composites.add,
    average: composites.average,
    bidirectional: (inner, { name }: { name?: string }) => {
      const [forth, back, ...more] = inner;
      const holds = back !== undefined && more.length === 0;
      checkKind(holds, "bidirectional", "the layers", "two, forward and backward", inner);
      checkKind(name === undefined || typeof name === "string", "bidirectional", "name", "a string", name);
      bidirectional(forth!, back); // refuses others than recurrent layers
      return bidirectionalOf(forth!, back!, name);
    },
    chain: (inner) => chainOf("chain", inner),
    concat: composites.concat,
    divide: composites.divide,
    dot: composites.dot,
    cut: (inner) => chainOf("cut", inner),
    matmul: composites.matmul,
    maximum: composites.maximum,
    multiply: composites.multiply,
    outputs: (inner, { names }: { names?: readonly string[] }) => {
      checkKind(inner.length > 0, "outputs", "the layers", "one or more", inner);
      const named = Array.isArray(names) && names.every((name) => typeof name === "string");
      const holds = names === undefined || (named && new Set(names).size === inner.length);
      checkKind(holds, "outputs", "names", `${inner.length} different names`, names);
      return concatOutputs(inner, names);
    },
    from: (inner, { value }: { value: string }) => fromOf(value, inner),
    residual: residualOf,
    subtract: composites.subtract,
    timeDistributed: timeDistributedOf,
    withState: (inner, states) => {
      checkKind(inner.length === 1, "withState", "the layers", "one", inner);
      return composites.withState(inner[0]!, states);
    },
  };
}

/** Other libraries' names, in lower case without punctuation, and ours. */
const ELSEWHERE: Readonly<Record<keyof typeof KINDS, Readonly<Record<string, string>>>> = {
  layer: {
    linear: "dense",
    nnlinear: "dense",
    fc: "dense",
    fullyconnected: "dense",
    innerproduct: "dense",
    swish: "silu",
    logistic: "sigmoid",
    clamp: "clip",
    hardtanh: "clip",
    hardsilu: "hardSwish",
    hardshrink: "shrink",
    softshrink: "shrink",
    view: "reshape",
    averagepooling1d: "avgPool1d",
    averagepooling2d: "avgPool2d",
    batchnorm1d: "batchNorm",
    batchnorm2d: "batchNorm",
    batchnormalization: "batchNorm",
    convtranspose1d: "conv1dTranspose",
    convtranspose2d: "conv2dTranspose",
    cropping2d: "crop2d",
    groupnormalization: "groupNorm",
    dropout1d: "spatialDropout1d",
    dropout2d: "spatialDropout2d",
    globalaveragepooling1d: "globalAvgPool1d",
    globalaveragepooling2d: "globalAvgPool2d",
    globalmaxpooling1d: "globalMaxPool1d",
    globalmaxpooling2d: "globalMaxPool2d",
    instancenorm1d: "instanceNorm",
    instancenorm2d: "instanceNorm",
    instancenormalization: "instanceNorm",
    layernormalization: "layerNorm",
    lrn: "localResponseNorm",
    localresponsenormalization: "localResponseNorm",
    multiheadattention: "attention",
    maxpooling1d: "maxPool1d",
    maxpooling2d: "maxPool2d",
    radialbasis: "rbf",
    randombrightness: "augment2d",
    randomflip: "augment2d",
    randomrotation: "augment2d",
    randomtranslation: "augment2d",
    randomzoom: "augment2d",
    resize: "upsample2d",
    transpose: "permute",
    upsample: "upsample2d",
    upsampling2d: "upsample2d",
    zeropadding2d: "zeroPad2d",
  },
  initializer: {
    xavieruniform: "glorotUniform",
    xaviernormal: "glorotNormal",
    kaiminguniform: "heUniform",
    kaimingnormal: "heNormal",
    randomuniform: "uniform",
    randomnormal: "normal",
  },
  regularizer: { lasso: "l1", ridge: "l2", weightdecay: "l2" },
  constraint: { nonnegative: "nonNeg", maxnormalization: "maxNorm" },
};

/** Calls the factory of this name with the options. Throws, listing the known names, if there is none. */
export function createByName<K extends keyof typeof KINDS>(
  kind: K,
  name: string,
  options: object,
  where: string,
): ReturnType<(typeof KINDS)[K][string]> {
  const factories = KINDS[kind];
  if (!Object.hasOwn(factories, name)) {
    const known = [...Object.keys(factories), ...(kind === "layer" ? Object.keys(COMPOSITES) : [])];
    const text = unknownText(kind, name, known, ELSEWHERE[kind]);
    throw new Error(`${where}: ${text}${kind === "layer" ? OWN : ""}`);
  }
  return at(where, () => factories[name]!(options as never) as ReturnType<(typeof KINDS)[K][string]>);
}

/** Calls the composite of this name with the layers and options. */
export function createComposite(name: string, inner: readonly Layer[], options: object, where: string): Layer {
  if (Object.hasOwn(KINDS.layer, name) && inner.length > 0)
    throw new Error(`${where}: ${name} has no layers inside, but the file gives it some`);
  if (!Object.hasOwn(COMPOSITES, name)) return createByName("layer", name, options, where); // refuses it
  return at(where, () => COMPOSITES[name]!(inner, options as never));
}

/** Of any unknown layer: a name that looks like a slip may be that of a layer of the user's. */
const OWN =
  ". A layer of your own can't be made from a file: build the model in code, and copy the weights with " +
  "copyWeights(readSafetensors(bytes), model)";

function at<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}
