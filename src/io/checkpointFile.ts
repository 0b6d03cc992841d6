// Checkpoints as files: safetensors files whose metadata has what a training is at, and whose tensors are its typed arrays, as bytes.
import { isArrayOf } from "../formats/bytes.ts";
import { readSafetensors, withChecksum, writeSafetensors } from "../formats/safetensors.ts";
import type { SafeTensor } from "../formats/safetensorsTypes.ts";
import { readValue, writeValue } from "../formats/values.ts";
import { isRecord, kindOf, valueText, writtenOut } from "../util/check.ts";

/** Version of the file. */
const FORMAT = "1";
/** Version of this library, for whoever looks at a file. */
export const LIBRARY = "0.11.0";

/** What every checkpoint has, and can be looked at; the rest is for `fit`. */
export interface Checkpoint {
  /** Version of the library that wrote it. */
  readonly version: string;
  /** What it is of, line by line: the model, the loss, the optimizer, the options, the data. */
  readonly of: readonly string[];
  /** Updates that the trainer has made. */
  readonly step: number;
  /** Epochs of the `fit` that are finished. */
  readonly epoch: number;
  /** Batches of the next epoch that are done. */
  readonly batch: number;
  /** The training is over. */
  readonly ended: boolean;
  /** The loss and the metrics of the finished epochs. */
  readonly history: Readonly<Record<string, readonly number[]>>;
  /** What `trainer.state()` gave: `trainer.restore` takes it. */
  readonly state: Uint8Array;
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

/** Writes a checkpoint, and what else `fit` keeps in it. */
export function writeCheckpoint(of: Omit<Checkpoint, "version">): Uint8Array<ArrayBuffer> {
  // as arrays: a text of a million numbers would be long; one NaN for all
  const history = mapValues(of.history, (values) =>
    Float64Array.from(values, (value) => (value === value ? value : NaN)),
  );
  const { text, arrays } = writeValue({ ...of, history, version: LIBRARY }, "checkpoint");
  const tensors = arrays.map((data, i): [string, SafeTensor] => [String(i), { shape: [data.length], data }]);
  const texts = { format: "wasmgrad", checkpoint: FORMAT, training: text };
  return writeSafetensors(tensors, withChecksum(tensors, texts, "checkpoint"));
}

/** Reads a checkpoint, as `readCheckpoint` of wasmgrad/files does. */
export function readCheckpoint(bytes: Uint8Array, name = "readCheckpoint"): Checkpoint {
  const { metadata, tensors } = readSafetensors(bytes, name);
  const refuse = (why: string, cause?: unknown): never => {
    throw new Error(`${name}: ${why}`, { cause });
  };
  const { format, checkpoint, training } = metadata;
  if (checkpoint === undefined || training === undefined || format !== "wasmgrad") {
    const advice = metadata["model"] === undefined ? "" : "; it is a model: loadModel and modelFromBytes read it";
    return refuse(`not a checkpoint${advice}`);
  }
  if (checkpoint !== FORMAT) {
    return refuse(
      `a checkpoint of format ${writtenOut(checkpoint.slice(0, 20))}; this version reads ${FORMAT}: take the one that wrote it`,
    );
  }
  const arrays: Uint8Array[] = [];
  for (const [key, { data }] of tensors) {
    if (key !== String(arrays.length) || !isArrayOf("Uint8Array", data)) {
      return refuse(`the checkpoint is damaged: tensor ${valueText(key)} is none of its parts`);
    }
    arrays.push(data as Uint8Array);
  }
  let value: unknown;
  try {
    value = readValue({ text: training, arrays });
  } catch (error) {
    return refuse("the checkpoint is damaged: what it says of the training can't be read", error);
  }
  if (!isCheckpoint(value)) return refuse("the checkpoint is damaged: it doesn't say all of the training");
  return { ...value, history: mapValues(value.history, (values) => Array.from(values)) };
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === "string");

function isCheckpoint(value: unknown): value is Checkpoint {
  if (!isRecord(value)) return false;
  const { version, of, step, epoch, batch, ended, history, state } = value;
  return (
    typeof version === "string" &&
    typeof ended === "boolean" &&
    [step, epoch, batch].every(isCount) &&
    isTexts(of) &&
    isRecord(history) &&
    Object.values(history).every((values) => kindOf(values) === "Float64Array") &&
    kindOf(state) === "Uint8Array"
  );
}
