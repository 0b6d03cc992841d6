// Writes a model's layers as the JSON of a model file; readModel.ts creates layers from it.
import { SELU_ALPHA, SELU_SCALE } from "../nn/activations/selu.ts";
import type { OutputActivation } from "../nn/losses/loss.ts";
import type { Model } from "../model/model.ts";
import type { Layer } from "../graph/layer.ts";

/** Version of the architecture's text. */
export const VERSION = "1";

/** A model without its parameters, as a file describes it. */
export interface Architecture {
  /** Shape of a row of the input. */
  readonly input: readonly number[];
  /** Shapes of several inputs, by name. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  /** The model's seed. */
  readonly seed: number;
  /** The output activation. */
  readonly link?: OutputActivation;
  /** The layers, in their order. */
  readonly layers: readonly LayerEntry[];
}

/** A layer, as a file describes it. */
export interface LayerEntry {
  /** The factory's name. */
  readonly type: string;
  /** A composite has none. */
  readonly name?: string;
  /** What the factory is called with. */
  readonly options: Record<string, unknown>;
  /** The layers of a composite. */
  readonly inner?: readonly LayerEntry[];
  /** The parameters are not trained. */
  readonly frozen?: true;
  /** Number of a shared value; where it comes again, this is all there is. */
  readonly shared?: number;
}

/** An entry that only says which shared value comes again. */
type Reference = Pick<LayerEntry, "shared">;

/** How deep composites may be nested in a file: reading and building take stack for each level. */
export const MOST_NESTED = 200;

/** Layers that any file may hold, however short it is; above, as many as there are times 40 bytes of text: a layer takes up to 6 kB. */
export const LAYERS_OF_ANY = 1000;
export const BYTES_PER_LAYER = 40;

/**
 * The architecture as a file's text. Shared layers are written once, however often they are used, and the work of reading counts each
 * use: where they are many, spaces make the text as long as readers ask for.
 */
export function architectureText(model: Model, where: string): string {
  const layers = layersOf(model, where);
  const text = JSON.stringify({
    input: model.inputShape,
    inputs: model.inputs?.shapes,
    seed: model.seed,
    link: model.outputActivation,
    // functions are left out: initializers, regularizers and constraints keep their names and options
    layers,
  });
  return text.padEnd(BYTES_PER_LAYER * (countLayers(layers) - LAYERS_OF_ANY));
}

/** Options that versions before refuse, and their defaults. */
const ADDED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  gru: { reverse: false, resetAfter: true, stateful: false },
  hardSigmoid: { offset: 0.5 },
  lstm: { reverse: false, stateful: false },
  selu: { alpha: SELU_ALPHA, scale: SELU_SCALE },
  simpleRnn: { reverse: false, stateful: false },
  upsample2d: { interpolation: "nearest" },
};

/** A layer's options. Those that were added later are there only where they are used, so that versions before read the others' files. */
function withoutAdded({ type, options }: Layer): Layer["options"] {
  const added = ADDED[type];
  return added ? Object.fromEntries(Object.entries(options).filter(([key, value]) => value !== added[key])) : options;
}

/** The layers as they were given, composites with those inside, by the names that they have in the model. */
function layersOf({ nodes, layers }: Model, where: string): (LayerEntry | Reference)[] {
  const names = new Map<Layer, { readonly all: string[]; next: number }>();
  for (const { layer, name } of nodes) {
    const key = layer.original ?? layer;
    const known = names.get(key);
    if (known) known.all.push(name);
    else names.set(key, { all: [name], next: 0 });
  }
  const shared = new Map<Layer, number>();
  const write = (layer: Layer, depth: number): LayerEntry | Reference => {
    if (depth > MOST_NESTED) {
      throw new RangeError(
        `${where}: a file can hold composites nested up to ${MOST_NESTED} deep; this model has more`,
      );
    }
    const inner = layer.inner?.map((each) => write(each, depth + 1)) as LayerEntry[] | undefined;
    const given = names.get(layer);
    const name = given?.all[given.next++];
    const known = shared.get(layer);
    if (known !== undefined) return { shared: known };
    const number = layer.shared && shared.size;
    if (number !== undefined) shared.set(layer, number);
    return {
      type: layer.type,
      ...(inner ? {} : { name: name ?? layer.type }),
      options: withoutAdded(layer),
      ...(inner ? { inner } : {}),
      ...(layer.trainable === false ? { frozen: true } : {}),
      ...(number === undefined ? {} : { shared: number }),
    };
  };
  return layers.map((layer) => write(layer, 1));
}

/** How many layers these are when every use of a shared one is counted, composites included. */
export function countLayers(entries: readonly (LayerEntry | Reference)[]): number {
  const shared = new Map<number, number>();
  const count = (entry: LayerEntry | Reference): number => {
    if (!("type" in entry)) return shared.get(entry.shared!) ?? 1;
    const all = entry.inner?.reduce((sum, each) => sum + count(each), 1) ?? 1;
    if (entry.shared !== undefined) shared.set(entry.shared, all);
    return all;
  };
  return entries.reduce((sum, each) => sum + count(each), 0);
}
