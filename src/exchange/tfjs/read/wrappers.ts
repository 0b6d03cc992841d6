// TimeDistributed: layers on every step of a sequence.
import { timeDistributedOf } from "../../../nn/composites/timeDistributed.ts";
import type { Layer } from "../../../graph/layer.ts";
import { refuse } from "./config.ts";
import { layerOf, type Own, type Value } from "./flow.ts";
import { layerData } from "./layerData.ts";
import { type Call, type Convert, inputShape } from "./reader.ts";

const timeDistributed: Convert = (call: Call) => {
  const { config, inputs, name, reader, where, key, paths } = call;
  const inner = layerData(config.object("layer"), `${where}: layer`);
  const shape = inputShape(call);
  if (shape.length < 2) throw refuse(where, "its input must have steps, [steps, ...]");
  const { flow } = reader;
  const since = flow.length;
  const step: Value = { shape: shape.slice(1), hint: name };
  const innerPaths = [...paths, ...paths.map((path) => `${path}/${inner.name}`), inner.name];
  const outputs = reader.apply(inner, [step], `${key}/${inner.name}`, innerPaths);
  const chain = flow.cutChain(since, step);
  if (!chain || outputs.length !== 1) {
    throw refuse(where, "its layer must be one, or consecutive ones: a graph of layers can't be applied by step");
  }
  const items = chain.flat();
  if (items.length === 0) return inputs;
  const odd = items.find((item) => layerOf(item).expand);
  if (odd) throw refuse(where, `${layerOf(odd).type} can't be applied by step`);
  const steps = shape[0]!;
  return [
    flow.join(where, inputs[0], [], [steps, ...outputs[0]!.shape], name, () => {
      const layers: Layer[] = [];
      let group: Layer[] = [];
      const end = (): void => {
        if (group.length > 0) layers.push(timeDistributedOf(group));
        group = [];
      };
      for (const item of items as (Layer | Own)[]) {
        const layer = layerOf(item);
        if (layer.prepare) {
          end();
          layers.push(layer); // its random numbers are drawn for whole rows
        } else group.push(layer);
      }
      end();
      return layers;
    }),
  ];
};

/** By class_name. */
export const WRAPPERS: Readonly<Record<string, Convert>> = { TimeDistributed: timeDistributed };
