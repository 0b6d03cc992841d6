export { adadelta } from "./adadelta.ts";
export { adagrad } from "./adagrad.ts";
export { adam, adamw } from "./adam.ts";
export { rmsprop } from "./rmsprop.ts";
export { sgd } from "./sgd.ts";
