// Names in files and on the command line, and what other libraries call the same things.
import * as activations from "../activations/index.ts";
import * as constraints from "../constraints/index.ts";
import type { Constraint } from "../constraints/constraint.ts";
import * as initializers from "../initializers.ts";
import type { Initializer } from "../initializers.ts";
import type { Layer } from "../layer.ts";
import * as layers from "../layers/index.ts";
import * as regularizers from "../regularizers/index.ts";
import type { Regularizer } from "../regularizers/penalty.ts";
import { unknownText } from "../suggest.ts";

type Factory<T> = (options: never) => T;

const { fans: _fans, ...initializerFactories } = initializers;

const KINDS = {
  layer: { ...layers, ...activations } as unknown as Readonly<Record<string, Factory<Layer>>>,
  initializer: initializerFactories as unknown as Readonly<Record<string, Factory<Initializer>>>,
  regularizer: regularizers as unknown as Readonly<Record<string, Factory<Regularizer>>>,
  constraint: constraints as unknown as Readonly<Record<string, Factory<Constraint>>>,
};

/** Other libraries' names, in small letters without signs, and ours. */
const ELSEWHERE: Readonly<Record<keyof typeof KINDS, Readonly<Record<string, string>>>> = {
  layer: {
    linear: "dense",
    nnlinear: "dense",
    fc: "dense",
    fullyconnected: "dense",
    innerproduct: "dense",
    swish: "silu",
    logistic: "sigmoid",
    hardswish: "hardSigmoid",
    view: "reshape",
    averagepooling2d: "avgPool2d",
    batchnorm1d: "batchNorm",
    batchnorm2d: "batchNorm",
    batchnormalization: "batchNorm",
    cropping2d: "crop2d",
    groupnormalization: "groupNorm",
    dropout1d: "spatialDropout1d",
    dropout2d: "spatialDropout2d",
    globalaveragepooling1d: "globalAvgPool1d",
    globalaveragepooling2d: "globalAvgPool2d",
    instancenorm1d: "instanceNorm",
    instancenorm2d: "instanceNorm",
    instancenormalization: "instanceNorm",
    layernormalization: "layerNorm",
    lrn: "localResponseNorm",
    localresponsenormalization: "localResponseNorm",
    multiheadattention: "attention",
    maxpooling2d: "maxPool2d",
    radialbasis: "rbf",
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

/** The thing that a name and options stand for. Throws with the known names if there is none. */
export function byName<K extends keyof typeof KINDS>(
  kind: K,
  name: string,
  options: object,
  where: string,
): ReturnType<(typeof KINDS)[K][string]> {
  const factories = KINDS[kind];
  if (!Object.hasOwn(factories, name)) {
    throw new Error(`${where}: ${unknownText(kind, name, Object.keys(factories), ELSEWHERE[kind])}`);
  }
  try {
    return factories[name]!(options as never) as ReturnType<(typeof KINDS)[K][string]>;
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}
