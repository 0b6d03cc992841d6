// GatherND that takes the last step of each row that counts.
import type { WorkNode } from "../workGraph.ts";
import { pick } from "../../../../nn/layers/pick.ts";
import type { Builder } from "./builder.ts";
import type { Family } from "./family.ts";
import { layAxis } from "./parts.ts";
import { use } from "./steps.ts";
import type { View } from "./types.ts";

/** Of a number for each row the value that is larger by 1: how many steps count, where it is the place of the last. */
function lengthsOf(builder: Builder, node: WorkNode): View | undefined {
  const { graph } = builder;
  const less = graph.producer(node.inputs[1] ?? "");
  if (!less || less.domain !== "" || !["Sub", "Add"].includes(less.operator)) return undefined;
  const [x, one] = less.inputs as [string, string];
  if (graph.scalar(one) !== (less.operator === "Sub" ? 1 : -1)) return undefined;
  const view = builder.views.get(x);
  return view?.axes.length === 2 && view.axes[0]!.length === 1 && view.axes[0]![0]!.rows && view.axes[1]!.length === 0
    ? view
    : undefined;
}

function gatherND(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const lengths = lengthsOf(builder, node);
  if (node.attributes.int("batch_dims", 0) !== 1 || !lengths || x.axes.length < 2) {
    throw builder.error(
      node,
      "only the last step of each row that counts has a layer: batch_dims 1, and indices [rows, 1] that are an input's numbers less 1",
    );
  }
  builder.checkRows(node, x);
  const layout = layAxis(x, 1);
  const ref = builder.add({
    node,
    kind: "lastValid",
    uses: [use(x, layout.groups), use(lengths, [[]])],
    shape: [...layout.before, ...layout.behind].map(({ size }) => size),
    make: (making) => [
      pick({ axis: layout.before.length, index: "lastValid", lengths: making.nameOf(1), name: making.name }),
    ],
  });
  builder.set(node, { ref, axes: x.axes.toSpliced(1, 1), stored: [...layout.before, ...layout.behind] });
}

/** By operator. */
export const LAST_STEPS: Family = { GatherND: gatherND };
