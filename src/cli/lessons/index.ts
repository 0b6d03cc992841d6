// The lessons by name.
export { backprop } from "./backprop.ts";
export { gates } from "./gates.ts";
export { perceptron } from "./perceptron.ts";
export { xor } from "./xor.ts";
