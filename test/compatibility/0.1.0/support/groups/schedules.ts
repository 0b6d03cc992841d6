// The schedules of 0.1.0.
export {
  cosineDecay,
  cosineWarmRestarts,
  exponentialDecay,
  linearWarmup,
  oneCycle,
  reduceOnPlateau,
  stepDecay,
} from "wasmgrad";
