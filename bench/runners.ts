// Who computes the workloads, and how each is started: one process for each job.
import { PEERS_FOLDER, PYTHON } from "./peers/install.ts";
import type { Job } from "./tasks.ts";
import type { OwnJob } from "./workloads.ts";

export interface Runner {
  readonly name: string;
  readonly jobs: readonly (Job | OwnJob)[];
  readonly command: (node: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** It measures the roof, whatever the job is: in turns with the others, as long as these have turns. */
  readonly roof?: true;
}

const OWN_JOBS = ["roof", "gru", "conv", "W9", "batch-norm", "plan", "making"] as const satisfies readonly OwnJob[];
const TRAINING_JOBS = ["W2", "W2b16", "W3", "W4", "W5"] as const;
const WORKER = "build/bench/worker.mjs";

export const OURS = "wasmgrad";
export const REVECTORIZED = "wasmgrad, revectorized";
export const TWO_THREADS = "wasmgrad, two threads";

/** The library of another checkout, to compare a change with what was before it. */
export const BEFORE: Runner = {
  name: "before",
  jobs: ["W1", ...TRAINING_JOBS, "W6", "W7", ...OWN_JOBS.filter((job) => job !== "roof")],
  command: (node) => [node, "--expose-gc", "build/bench/before/worker.mjs"],
};

/** What those are compared with that say which share of the roof they reach. */
export const ROOF: Runner = {
  name: "wasmgrad",
  jobs: ["W2", "W2b16", "W3", "W4", "W5", "W6", "gru"],
  command: (node) => [node, "--expose-gc", WORKER],
  roof: true,
};

/** The library: on one thread, with V8 making pairs of SIMD operations one of twice the width, and on two threads. */
export const LIBRARY: readonly Runner[] = [
  {
    name: OURS,
    jobs: ["roof", "W1", ...TRAINING_JOBS, "W6", "W7", "W8", ...OWN_JOBS],
    command: (node) => [node, "--expose-gc", WORKER],
  },
  {
    name: REVECTORIZED,
    jobs: ["W1", ...TRAINING_JOBS, "W6", "W7"],
    command: (node) => [node, "--expose-gc", "--experimental-wasm-revectorize", WORKER],
  },
  {
    name: TWO_THREADS,
    jobs: ["W1", ...TRAINING_JOBS, "W7"],
    command: (node) => [node, "--expose-gc", WORKER],
    env: { BENCH_THREADS: "2" },
  },
];

const program =
  (file: string, ...options: readonly string[]) =>
  (node: string): string[] => [node, "--expose-gc", `${PEERS_FOLDER}/${file}.mjs`, ...options];

/** One thread each. */
export const PEERS: readonly Runner[] = [
  {
    name: "PyTorch",
    jobs: ["W1", ...TRAINING_JOBS, "W6", "W7"],
    command: () => [PYTHON, "bench/peers/torch.py", `${PEERS_FOLDER}/data`],
  },
  {
    name: "TF.js wasm",
    jobs: ["W1", ...TRAINING_JOBS, "W6", "W7", "W8"],
    command: program("tfjs", "--backend=wasm"),
  },
  { name: "TF.js cpu", jobs: ["W1", ...TRAINING_JOBS, "W7"], command: program("tfjs", "--backend=cpu") },
  { name: "jax-js", jobs: ["W1", ...TRAINING_JOBS, "W6", "W7", "W8"], command: program("jax") },
  { name: "ConvNetJS", jobs: ["W1", "W2", "W2b16", "W3", "W4", "W7", "W8"], command: program("convnet") },
  { name: "brain.js", jobs: ["W1", "W2", "W3", "W7"], command: program("brain") },
  { name: "synaptic", jobs: ["W1"], command: program("synaptic") },
  { name: "ONNX Runtime Web", jobs: ["W6", "W7"], command: program("ort", "--package=web") },
  { name: "ONNX Runtime Node", jobs: ["W6", "W7"], command: program("ort", "--package=node") },
];
