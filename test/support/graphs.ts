// Graphs of layers whose parameters are allocated: what plans are made from, without a core and its kernels.
import { buildGraph } from "../../src/graph/graph.ts";
import type { Layer, ModelNode } from "../../src/graph/layer.ts";
import { placeParameters } from "../../src/graph/placeParameters.ts";
import { Arena, Workspace } from "../../src/runtime/arena.ts";
import type { Shape } from "../../src/util/shape.ts";

/** A workspace in a memory of its own. */
export const newWorkspace = (): Workspace =>
  new Workspace(new Arena(new WebAssembly.Memory({ initial: 1 }), 1024), "test");

/** The nodes of consecutive layers. */
export const nodesOf = (inputShape: Shape, ...layers: readonly Layer[]): readonly ModelNode[] =>
  placeParameters(buildGraph(inputShape, layers), newWorkspace()).nodes;
