// The lessons by name.
export { backprop } from "./backprop.ts";
export { gates } from "./gates.ts";
export { kernel } from "./kernel.ts";
export { perceptron } from "./perceptron.ts";
export { xor } from "./xor.ts";
