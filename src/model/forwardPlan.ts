// Plans of `predict` and of custom loops: the layers alone, without data, loss or optimizer.
import { type Program, ProgramBuilder, RecordList } from "../runtime/program.ts";
import type { Core } from "../runtime/core.ts";
import type { ParameterRun } from "../graph/parameter.ts";
import type { Kept, ModelNode } from "../graph/layer.ts";
import { type Shape, sizeOf } from "../util/shape.ts";
import { bytesText, withWorkspace, type Workspace } from "../runtime/arena.ts";
import type { OutputActivation } from "../nn/losses/loss.ts";
import { GraphPlan, type Tensor } from "../graph/plan.ts";
import type { RecordRange } from "../runtime/record.ts";

/** Rows of one pass of `predict`: its activations then stay in the cache. */
export const PREDICT_ROWS = 256;

/** A plan for up to `capacity` rows. */
export interface ForwardPlan {
  readonly workspace: Workspace;
  readonly graph: GraphPlan;
  readonly program: Program;
  readonly capacity: number;
  readonly outputActivation: OutputActivation | undefined;
  readonly forward: RecordRange;
  /** After it, where nothing is trained: makes probabilities of the output, in place. */
  readonly after: RecordRange;
  /** Makes the backward pass for the gradients of the input, of the parameters, or both. */
  backward(input: boolean, parameters: boolean): RecordRange;
  /** Those that were made, by what they are for. */
  readonly backwards: Record<string, RecordRange>;
}

/** What a plan is made from: a model. */
export interface PlanSource {
  readonly core: Core;
  readonly nodes: readonly ModelNode[];
  readonly inputShape: Shape;
  readonly seed: number;
  readonly outputActivation: OutputActivation | undefined;
  readonly run: ParameterRun;
  readonly kept: Kept | undefined;
  /** Bytes from a parameter to its gradient. */
  gradientOffset(): number;
}

export function makeForwardPlan(model: PlanSource, capacity: number, training: boolean): ForwardPlan {
  const { core, nodes, inputShape, outputActivation } = model;
  const gradientOffset = (): number => model.gradientOffset();
  return withWorkspace(core.arena, model, training ? "forward" : "predict", (workspace) => {
    const builder = new ProgramBuilder(core, workspace, model.seed);
    const { program, records } = builder;
    const { kept } = model;
    const mode = training ? "train" : "predict";
    const options = { nodes, inputShape, capacity, training, gradientOffset, inputGradient: training, kept, mode };
    const graph = new GraphPlan(builder, options);
    graph.addForward();
    const forwardCount = records.length;
    if (training) program.setState(model.run.state, workspace);
    else addProbabilities(records, outputActivation, graph.output, graph.output.address);
    const { range } = builder.finish();
    return {
      workspace,
      graph,
      program,
      capacity,
      outputActivation,
      forward: range(0, forwardCount),
      after: range(forwardCount),
      backward(input, parameters) {
        builder.records = new RecordList();
        graph.addBackward(input, parameters);
        return builder.finish().range(0);
      },
      backwards: {},
    };
  });
}

/** Adds the record that writes the probabilities that an output stands for; it may write them over the output. */
export function addProbabilities(
  records: RecordList,
  activation: OutputActivation | undefined,
  { address: x, shape }: Pick<Tensor, "address" | "shape">,
  y: number,
): void {
  const args = { x, y, dx: 0, dy: 0, n: shape.at(-1)! };
  if (activation === "sigmoid") records.add("sigmoidForward", sizeOf(shape), args);
  // the softmax of log-probabilities is their exponential
  if (activation === "softmax" || activation === "exp") records.add("softmaxForward", sizeOf(shape), args);
}

/** An array for the output. */
export function roomFor(count: number, where: string): Float32Array {
  try {
    return new Float32Array(count);
  } catch {
    throw new RangeError(
      `${where}: no room for the output; it takes ${bytesText(4 * count)}, but the engine gives no more. Use fewer rows at a time`,
    );
  }
}

/** The classes of rows of n outputs. */
export function labelsOf(output: Float32Array, n: number, activation: OutputActivation | undefined): Int32Array {
  const labels = new Int32Array(output.length / n);
  if (n === 1) {
    const sign = activation === "sign";
    const threshold = sign || activation === "sigmoid" ? 0 : 0.5;
    return labels.map((_, r) => (output[r]! > threshold ? 1 : -Number(sign)));
  }
  return labels.map((_, r) => {
    let best = 0;
    for (let j = 1; j < n; j++) if (output[r * n + j]! > output[r * n + best]!) best = j;
    return best;
  });
}
