// wasmgrad/models: well-known networks as values, to be made into models, changed, or learned from.
export { alexnet, type AlexnetOptions } from "./models/alexnet.ts";
export type { Architecture } from "./models/architecture.ts";
export { charRnn, type CharRnnOptions } from "./models/charRnn.ts";
export { lenet5, type Lenet5Options } from "./models/lenet5.ts";
export { mlp, type MlpOptions } from "./models/mlp.ts";
export { perceptron, type PerceptronOptions } from "./models/perceptron.ts";
export { seq2seq, type Seq2seqOptions } from "./models/seq2seq.ts";
export { tinyTransformer, type TinyTransformerOptions } from "./models/tinyTransformer.ts";
