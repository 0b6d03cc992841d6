// The plans of `predict` and of custom loops: the layers alone, without data, loss or optimizer.
import type { Core } from "../runtime/core.ts";
import type { ModelNode } from "../graph/layer.ts";
import { type Shape, sizeOf } from "../util/shape.ts";
import { withWorkspace, type Workspace } from "../runtime/arena.ts";
import type { OutputActivation } from "../nn/losses/loss.ts";
import { GraphPlan, type Tensor } from "../graph/plan.ts";
import { Program, RecordList } from "../runtime/program.ts";
import type { RecordRange } from "../runtime/record.ts";

/** A plan for up to `capacity` rows. */
export interface ForwardPlan {
  readonly workspace: Workspace;
  readonly graph: GraphPlan;
  readonly program: Program;
  readonly capacity: number;
  readonly outputActivation: OutputActivation | undefined;
  readonly forward: RecordRange;
  /** In training the backward pass; else what makes probabilities of the output, in place. */
  readonly backward: RecordRange;
}

/** What a plan is made of. */
export interface PlanSource {
  readonly core: Core;
  readonly nodes: readonly ModelNode[];
  readonly inputShape: Shape;
  readonly seed: number;
  readonly outputActivation: OutputActivation | undefined;
  /** Bytes from a parameter to its gradient. */
  gradientOffset(): number;
}

export function makeForwardPlan(model: PlanSource, capacity: number, training: boolean): ForwardPlan {
  const { core, nodes, inputShape, outputActivation } = model;
  const gradientOffset = training ? model.gradientOffset() : 0;
  return withWorkspace(core.arena, model, training ? "forward" : "predict", (workspace) => {
    const program = new Program(core, workspace, model.seed);
    const records = new RecordList();
    const options = { core, workspace, program, records, nodes, inputShape, capacity };
    const graph = new GraphPlan({ ...options, training, gradientOffset, inputGradient: training });
    graph.addForward();
    const forwardCount = records.length;
    if (training) graph.addBackward();
    else addOutputActivation(records, outputActivation, graph.output);
    const placed = records.place(core, workspace);
    const at = (i: number): number => placed[i]?.address ?? placed.at(-1)?.end ?? 0;
    return {
      workspace,
      graph,
      program,
      capacity,
      outputActivation,
      forward: { first: at(0), last: at(forwardCount) },
      backward: { first: at(forwardCount), last: at(placed.length) },
    };
  });
}

/** The record that turns the output into probabilities where it lies. */
function addOutputActivation(
  records: RecordList,
  outputActivation: OutputActivation | undefined,
  { address, shape }: Tensor,
): void {
  const args = { x: address, y: address, dx: 0, dy: 0 };
  if (outputActivation === "sigmoid") records.add("sigmoidForward", sizeOf(shape), args);
  // the softmax of log-probabilities is their exponential
  if (outputActivation === "softmax" || outputActivation === "exp")
    records.add("softmaxForward", sizeOf(shape), { ...args, n: shape.at(-1)! });
}
