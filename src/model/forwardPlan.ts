// The plans of `predict` and of custom loops: the layers alone, without data, loss or optimizer.
import type { Core } from "../runtime/core.ts";
import type { ModelNode } from "../graph/layer.ts";
import { type Shape, sizeOf } from "../util/shape.ts";
import { withWorkspace, type Workspace } from "../runtime/arena.ts";
import type { Link } from "../nn/losses/loss.ts";
import { GraphPlan, type Tensor } from "../graph/plan.ts";
import { Program, RecordList } from "../runtime/program.ts";
import type { RecordRange } from "../runtime/record.ts";

/** A plan for up to `capacity` rows. */
export interface ForwardPlan {
  readonly workspace: Workspace;
  readonly graph: GraphPlan;
  readonly program: Program;
  readonly capacity: number;
  readonly link: Link | undefined;
  readonly forward: RecordRange;
  /** In training the backward pass; else what makes probabilities of the output, in place. */
  readonly backward: RecordRange;
}

/** What a plan is made of. */
export interface PlanSource {
  readonly core: Core;
  readonly nodes: readonly ModelNode[];
  readonly inputShape: Shape;
  readonly link: Link | undefined;
  /** Bytes from a parameter to its gradient. */
  gradientOffset(): number;
}

export function makeForwardPlan(model: PlanSource, capacity: number, training: boolean): ForwardPlan {
  const { core, nodes, inputShape, link } = model;
  const gradientOffset = training ? model.gradientOffset() : 0;
  return withWorkspace(core.arena, model, training ? "forward" : "predict", (workspace) => {
    const program = new Program(core, workspace);
    const records = new RecordList();
    const options = { core, workspace, program, records, nodes, inputShape, capacity };
    const graph = new GraphPlan({ ...options, training, gradientOffset, inputGradient: training });
    graph.addForward();
    const forwardCount = records.length;
    if (training) graph.addBackward();
    else addLink(records, link, graph.output);
    const placed = records.place(core, workspace);
    const at = (i: number): number => placed[i]?.address ?? placed.at(-1)?.end ?? 0;
    return {
      workspace,
      graph,
      program,
      capacity,
      link,
      forward: { first: at(0), last: at(forwardCount) },
      backward: { first: at(forwardCount), last: at(placed.length) },
    };
  });
}

/** The record that turns the output into probabilities where it lies. */
function addLink(records: RecordList, link: Link | undefined, { address, shape }: Tensor): void {
  const tail = { x: address, y: address, dx: 0, dy: 0 };
  if (link === "sigmoid") records.add("sigmoidForward", sizeOf(shape), tail);
  // the softmax of log-probabilities is their exponential
  if (link === "softmax" || link === "exp") records.add("softmaxForward", sizeOf(shape), { ...tail, n: shape.at(-1)! });
}
