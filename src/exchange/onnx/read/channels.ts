// Which values are images or sequences with the channels as axis 1, so that another layout has the channels last.
import { KEEPS_AXES } from "./fold/shapes.ts";
import type { WorkGraph, WorkNode } from "./workGraph.ts";

/** Operators that take and give [rows, channels, places...]. */
const ON_CHANNELS =
  /^(?:Conv|ConvTranspose|(?:Max|Average|Lp|GlobalMax|GlobalAverage)Pool|Resize|Upsample|(?:Batch|Instance|Group)Normalization|DepthToSpace|SpaceToDepth)$/;

/**
 * The values whose axis 1 is that of the channels: a convolution, pool or norm takes or gives them, or operators that keep the axes lead
 * there, whichever way. Behind a Transpose or Reshape axis 1 is another one.
 */
export function channelValues(graph: WorkGraph): ReadonlySet<string> {
  const found = new Set<string>();
  const open: string[] = [];
  const reach = (value: string): void => {
    const rank = graph.shape(value)?.length ?? 3;
    if (value === "" || rank < 3 || graph.constants.has(value) || found.has(value)) return;
    found.add(value);
    open.push(value);
  };
  for (const node of graph.nodes) if (isOnChannels(node)) endsOf(node).forEach(reach);
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const producer = graph.producer(value);
    const rank = graph.shape(value)?.length;
    for (const node of [...graph.consumers(value), ...(producer ? [producer] : [])]) {
      if (node.domain !== "" || !KEEPS_AXES.has(node.operator)) continue;
      // what has fewer axes is broadcast
      for (const other of [...node.inputs, ...node.outputs]) if (graph.shape(other)?.length === rank) reach(other);
    }
  }
  return found;
}

const isOnChannels = ({ operator, domain }: WorkNode): boolean => domain === "" && ON_CHANNELS.test(operator);

const endsOf = ({ inputs, outputs }: WorkNode): readonly string[] => [inputs[0] ?? "", outputs[0] ?? ""];
