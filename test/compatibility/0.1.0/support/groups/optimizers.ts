// The optimizers of 0.1.0.
export { adadelta, adagrad, adam, adamw, rmsprop, sgd } from "wasmgrad";
