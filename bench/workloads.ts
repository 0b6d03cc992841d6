// Our side of the workloads, each in a file of its own, and measurements of single layers that nothing else is compared with.
import { convolutions } from "./convolution.ts";
import type { Result } from "./measure.ts";
import { roof } from "./roof.ts";
import type { Job } from "./tasks.ts";
import { attention } from "./workloads/attention.ts";
import { batchNormalisation } from "./workloads/batchNorm.ts";
import { gemm } from "./workloads/gemm.ts";
import { gruLayer } from "./workloads/gru.ts";
import { inference } from "./workloads/inference.ts";
import { making } from "./workloads/making.ts";
import { planning } from "./workloads/planning.ts";
import { start } from "./workloads/start.ts";
import { training, xor } from "./workloads/training.ts";

type Workload = () => Promise<Result | readonly Result[]>;

const COMPARED: Readonly<Record<Job, Workload>> = {
  W1: xor,
  W2: () => training("W2"),
  W2b16: () => training("W2b16"),
  W3: () => training("W3"),
  W4: () => training("W4"),
  W5: () => training("W5"),
  W6: gemm,
  W7: inference,
  W8: start,
};

const OWN = {
  roof,
  gru: gruLayer,
  conv: convolutions,
  W9: attention,
  "batch-norm": batchNormalisation,
  plan: planning,
  making,
} satisfies Readonly<Record<string, Workload>>;

export type OwnJob = keyof typeof OWN;

export const workloads: Readonly<Record<Job | OwnJob, Workload>> = { ...COMPARED, ...OWN };
