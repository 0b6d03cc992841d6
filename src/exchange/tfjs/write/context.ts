// What a layer's writer gets: the node, what it reads, its parameters, and steps that many need.
import { type ModelNode, whereText } from "../../../graph/layer.ts";
import { type Shape, shapeText, sizeOf } from "../../../util/shape.ts";
import { parameterConfig } from "./parts.ts";
import type { LayerConfig, Ref, Writer, WrittenWeight } from "./writer.ts";

/** A parameter's values. */
export interface Values {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** One node of the model while it is written. */
export class Context {
  readonly node: ModelNode;
  readonly writer: Writer;
  /** What the layer works on. */
  readonly x: Ref;
  /** What else it reads, by slot. */
  readonly others: Readonly<Record<string, Ref>>;
  readonly #get: (node: ModelNode, local: string) => Float32Array;
  /** The layers that have a node's weights, by the node's number. */
  readonly #mains: Map<number, string>;

  constructor(
    node: ModelNode,
    writer: Writer,
    x: Ref,
    others: Readonly<Record<string, Ref>>,
    get: (node: ModelNode, local: string) => Float32Array,
    mains: Map<number, string>,
  ) {
    this.node = node;
    this.writer = writer;
    this.x = x;
    this.others = others;
    this.#get = get;
    this.#mains = mains;
  }

  /** What the layer is called in the file. */
  get name(): string {
    return this.writer.nameOf(this.node.name);
  }

  /** An option of the layer. */
  option<T>(name: string, usual?: T): T {
    return (this.node.layer.options[name] ?? usual) as T;
  }

  /** The error that the layer can't be written. `what`: it, or an option; `advice`: what could be. */
  refuse(what: string, advice: string): RangeError {
    const { layer, index, name } = this.node;
    const where = whereText(layer.name === undefined ? { ...layer, name } : layer, index);
    return new RangeError(`toLayersModel: ${where} ${what}; ${advice}`);
  }

  /** The values of a parameter. */
  values(local: string): Values {
    const { shape } = this.node.specs.find(({ name }) => name === local)!;
    return { shape, data: this.#get(this.node, local) };
  }

  /** A parameter as a weight. */
  weight(name: string, local: string, shape?: Shape): WrittenWeight {
    const values = this.values(local);
    return { name, shape: shape ?? values.shape, data: values.data };
  }

  /** The options of a parameter, by its name in Keras. */
  config(theirs: string, local: string): Record<string, unknown> {
    return parameterConfig(
      theirs,
      this.node.specs.find(({ name }) => name === local),
    );
  }

  has(local: string): boolean {
    return this.node.specs.some(({ name }) => name === local);
  }

  /** The node whose parameters these are, if it is another one. */
  get owner(): number | undefined {
    const owners = this.node.specs.map(({ owner }) => owner);
    const [first] = owners;
    if (owners.every((owner) => owner === undefined)) return undefined;
    const same = owners.every((owner, i) => owner?.node === first?.node && owner?.local === this.node.specs[i]!.name);
    if (same && this.#mains.has(first!.node)) return first!.node;
    throw this.refuse("has parameters of another layer", "a shared layer as a whole would work");
  }

  /** Adds the layer that has the weights, or uses it again where they are another node's. */
  main(
    className: string,
    config: LayerConfig,
    inputs: readonly Ref[],
    shape: Shape,
    weights: readonly WrittenWeight[],
    name = this.name,
  ): Ref {
    const { owner } = this;
    if (owner !== undefined) return this.writer.again(this.#mains.get(owner)!, inputs, shape);
    this.#mains.set(this.node.index, name);
    return this.writer.add(className, name, { trainable: this.node.trainable, ...config }, inputs, shape, weights);
  }

  /** Notes which layer has the weights of another node. */
  note(node: ModelNode, name: string): void {
    this.#mains.set(node.index, name);
  }

  /** Adds the layer without weights that the node is. */
  plain(className: string, config: LayerConfig, x: Ref = this.x, shape: Shape = this.node.output): Ref {
    return this.writer.add(className, this.name, config, [x], shape);
  }

  /** Adds a layer besides. */
  step(className: string, suffix: string, config: LayerConfig, inputs: Ref | readonly Ref[], shape: Shape): Ref {
    const all = Array.isArray(inputs) ? (inputs as readonly Ref[]) : [inputs as Ref];
    return this.writer.helper(className, `${this.name}_${suffix}`, config, all, shape);
  }

  activation(name: string): Ref {
    return this.plain("Activation", { activation: name });
  }

  reshape(x: Ref, shape: Shape, suffix = "reshape"): Ref {
    if (shapeText(x.shape) === shapeText(shape)) return x;
    return this.step("Reshape", suffix, { target_shape: [...shape] }, x, shape);
  }

  /** y = scale x + offset */
  rescale(x: Ref, scale: number, offset: number, suffix = "scale"): Ref {
    return this.step("Rescaling", suffix, { scale, offset }, x, x.shape);
  }

  /** Zeros before and after the places of an axis; negative ones cut places off. */
  pad(x: Ref, axis: number, before: number, after: number, suffix = "pad"): Ref {
    if (before === 0 && after === 0) return x;
    const { shape } = x;
    const n = shape[axis]!;
    const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
    let y = this.reshape(x, [outer, n, inner], `${suffix}_from`);
    const cut = [Math.max(-before, 0), Math.max(-after, 0)] as const;
    const more = [Math.max(before, 0), Math.max(after, 0)] as const;
    if (cut[0] + cut[1] > 0) {
      const left = n - cut[0] - cut[1];
      y = this.step("Cropping2D", `${suffix}_crop`, { cropping: [[0, 0], cut], data_format: "channels_last" }, y, [
        outer,
        left,
        inner,
      ]);
    }
    if (more[0] + more[1] > 0) {
      const wide = y.shape[1]! + more[0] + more[1];
      y = this.step("ZeroPadding2D", suffix, { padding: [[0, 0], more], data_format: "channels_last" }, y, [
        outer,
        wide,
        inner,
      ]);
    }
    return this.reshape(y, shape.with(axis, y.shape[1]!), `${suffix}_to`);
  }
}
