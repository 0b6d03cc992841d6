// wasmgrad/models: well-known networks as values: lists of layers to make models of, to change, or to take apart.
export { alexnet, type AlexnetOptions } from "./zoo/alexnet.ts";
export type { Architecture, Network } from "./zoo/network.ts";
export { charRnn, type CharRnnOptions } from "./zoo/charRnn.ts";
export { lenet5, type Lenet5Options } from "./zoo/lenet5.ts";
export { mlp, type MlpOptions } from "./zoo/mlp.ts";
export { perceptron, type PerceptronOptions } from "./zoo/perceptron.ts";
export { seq2seq, type Seq2seqOptions } from "./zoo/seq2seq.ts";
export { tinyTransformer, type TinyTransformerOptions } from "./zoo/tinyTransformer.ts";
