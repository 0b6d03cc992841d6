// Optimizers and losses whose kernels most nets do without.
export { adadelta, adagrad, hinge, huber, meanAbsoluteError, rmsprop } from "wasmgrad";
