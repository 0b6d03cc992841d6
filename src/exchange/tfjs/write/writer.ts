// Collects the layers of a layers model, what they read, and their weights.
import type { Shape } from "../../../util/shape.ts";

/** What JSON says of a layer. */
export type LayerConfig = Readonly<Record<string, unknown>>;

/** An output of a use of a layer. */
export interface Ref {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
  /** Of a row. */
  readonly shape: Shape;
}

/** A weight by its name within the layer. */
export interface WrittenWeight {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array;
}

interface WrittenLayer {
  readonly className: string;
  readonly name: string;
  readonly config: LayerConfig;
  /** What a row of its output is, where it is used first. */
  readonly shape: Shape;
  /** What each use reads. */
  readonly nodes: (readonly Ref[])[];
}

/** What TensorFlow.js takes as the name of a tensor, and so of a layer. */
const NAME = /^[A-Za-z0-9][-A-Za-z0-9._/]*$/;

/** A name of these characters alone. */
function spelled(name: string): string {
  const plain = name.replaceAll(/[^-A-Za-z0-9._/]/gu, "_");
  return NAME.test(plain) ? plain : `layer${plain}`;
}

/** The layers so far. */
export class Writer {
  readonly layers: WrittenLayer[] = [];
  readonly weights: WrittenWeight[] = [];
  readonly #byName = new Map<string, WrittenLayer>();
  readonly names: Set<string>;
  /** Names that TensorFlow.js doesn't take, and what is written for them. */
  readonly others: Map<string, string>;

  /** @param names that layers have which come later */
  constructor(names: Set<string>, others = new Map<string, string>()) {
    this.names = names;
    this.others = others;
  }

  /** What a layer of ours is called in the file. */
  nameOf(own: string): string {
    if (NAME.test(own)) return own;
    let name = this.others.get(own);
    if (name === undefined) this.others.set(own, (name = this.fresh(spelled(own))));
    return name;
  }

  /** A name that no layer has. */
  fresh(hint: string): string {
    let name = hint;
    for (let i = 2; this.names.has(name) || name === ""; i++) name = `${hint}_${i}`;
    this.names.add(name);
    return name;
  }

  /** Adds a layer. Its name must be the layer's own, or fresh. */
  add(
    className: string,
    name: string,
    config: LayerConfig,
    inputs: readonly Ref[],
    shape: Shape,
    weights: readonly WrittenWeight[] = [],
  ): Ref {
    const layer: WrittenLayer = {
      className,
      name,
      config: { name, trainable: true, ...config },
      shape,
      nodes: [inputs],
    };
    this.layers.push(layer);
    this.#byName.set(name, layer);
    for (const weight of weights) this.weights.push({ ...weight, name: `${name}/${weight.name}` });
    return { layer: name, node: 0, tensor: 0, shape };
  }

  /** Adds a layer without weights, whose name is made of a hint. */
  helper(className: string, hint: string, config: LayerConfig, inputs: readonly Ref[], shape: Shape): Ref {
    return this.add(className, this.fresh(hint), config, inputs, shape);
  }

  /** Uses a layer again. */
  again(name: string, inputs: readonly Ref[], shape: Shape): Ref {
    const { nodes } = this.#byName.get(name)!;
    nodes.push(inputs);
    return { layer: name, node: nodes.length - 1, tensor: 0, shape };
  }
}

const reference = ({ layer, node, tensor }: Ref): readonly unknown[] => [layer, node, tensor];

/** The topology as JSON: a Sequential of layers that follow each other, else a graph. */
export function topologyOf({ layers }: Writer, outputs: readonly Ref[]): object {
  const [input, ...others] = layers;
  const follow = others.every(({ nodes, className }, i) => {
    const [read, ...more] = nodes;
    return (
      className !== "InputLayer" &&
      more.length === 0 &&
      read!.length === 1 &&
      read![0]!.layer === layers[i]!.name &&
      read![0]!.tensor === 0
    );
  });
  const end = outputs.length === 1 && outputs[0]!.layer === layers.at(-1)!.name && outputs[0]!.tensor === 0;
  const model =
    follow && end && others.length > 0
      ? {
          class_name: "Sequential",
          config: {
            name: "sequential",
            layers: others.map(({ className, config }, i) => ({
              class_name: className,
              config:
                i === 0
                  ? { ...config, batch_input_shape: input!.config["batch_input_shape"], dtype: "float32" }
                  : config,
            })),
          },
        }
      : {
          class_name: "Model",
          config: {
            name: "model",
            layers: layers.map(({ className, name, config, nodes }) => ({
              name,
              class_name: className,
              config,
              inbound_nodes:
                className === "InputLayer" ? [] : nodes.map((read) => read.map((ref) => [...reference(ref), {}])),
            })),
            input_layers: layers.filter(({ className }) => className === "InputLayer").map(({ name }) => [name, 0, 0]),
            output_layers: outputs.map(reference),
          },
        };
  return { ...model, keras_version: "tfjs-layers 4.22.0", backend: "tensor_flow.js" };
}
