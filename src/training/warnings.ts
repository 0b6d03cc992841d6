// What looks like a mistake in a training, said once and in words. Fetched when `fit` is first called; it only reads, so that no bit of the
// training changes.
import { type DeadLayer, deadLayers } from "./deadUnits.ts";
import { measure } from "./evaluate.ts";
import type { Prepared } from "./preparedData.ts";
import type { DataPart, Feed, TrainerState } from "./trainerState.ts";
import { checkBoolean, checkKeys, checkKind, isRecord, kindOf } from "../util/check.ts";
import { sizeOf } from "../util/shape.ts";

/** What `fit` may warn of: docs/warnings.md has a section for each. */
export type WarningName = "sortedClasses" | "differentScales" | "lossStands" | "deadUnits";

/** What `onWarning` is given. */
export interface Warning {
  /** Which one it is: `fit`'s option `warnings: { [name]: false }` switches it off. */
  readonly name: WarningName;
  /** What was seen, why it matters, and what to do. */
  readonly message: string;
}

/** The options of `fit` that are about warnings. */
export interface WarningOptions {
  /**
   * Say what looks like a mistake, once for a trainer: a validation with other classes than the training (`sortedClasses`), a column of
   * another scale (`differentScales`), a loss that hasn't moved (`lossStands`), relu units that give 0 everywhere (`deadUnits`). False:
   * nothing; `{ deadUnits: false }`: all but this one; default true.
   */
  readonly warnings?: boolean | Partial<Readonly<Record<WarningName, boolean>>>;
  /** Is given each warning; default: it is written by `console.warn`. */
  readonly onWarning?: ((warning: Warning) => void) | undefined;
}

const NAMES: readonly WarningName[] = ["sortedClasses", "differentScales", "lossStands", "deadUnits"];

/** What is known of a `fit` before its first pass. */
interface Watched {
  /** Not false. */
  readonly warnings: NonNullable<WarningOptions["warnings"]>;
  readonly onWarning: WarningOptions["onWarning"];
  readonly batchSize: number;
  readonly rows: number;
  readonly yieldEvery: number;
  readonly data: Prepared;
  /** What makes batches, where there aren't all rows. */
  readonly feed?: Feed;
}

/** What a trainer was warned of. */
const said = new WeakMap<TrainerState, Set<WarningName>>();

/** Rows that are looked at. */
const MOST_ROWS = 1000;
/** How often a column's largest number must be that of the others, or the other way round. */
const SCALE = 1000;
/** What a loss must change by, relative to itself, to have moved. */
const MOVED = 1e-6;

/** Looks at the data before the first pass. Gives what looks at the model after the first epoch, if there is anything to look for. */
export async function watch(state: TrainerState, plan: Watched): Promise<(() => Promise<undefined>) | undefined> {
  const { warnings, onWarning = ({ message }: Warning) => console.warn(message) } = plan;
  const asked = typeof warnings === "boolean" ? {} : warnings;
  checkKind(isRecord(asked), "fit", "warnings", "true, false, or such as { deadUnits: false }", warnings);
  checkKeys("fit: warnings", asked, NAMES);
  for (const [name, value] of Object.entries(asked)) checkBoolean("fit: warnings", name, value);
  if (plan.feed) return undefined; // of a source only one batch is known
  const before = said.get(state) ?? new Set<WarningName>();
  said.set(state, before);
  const wanted = (name: WarningName): boolean => !before.has(name) && asked[name] !== false;
  const say = (name: WarningName, what: string | undefined): void => {
    if (what === undefined) return;
    before.add(name);
    const message = `fit: ${what} (warning ${name}: docs/warnings.md; warnings: { ${name}: false } leaves it out)`;
    const result: unknown = onWarning({ name, message });
    if (kindOf(result) === "Promise") promised.push(result);
  };
  /** What an async function throws comes out of `fit`, too. */
  const promised: unknown[] = [];
  if (wanted("sortedClasses")) say("sortedClasses", otherClasses(state, plan));
  if (wanted("differentScales")) say("differentScales", otherScale(state, plan));
  const { model } = state;
  const first: DataPart = { data: plan.data, from: 0, rows: Math.min(plan.batchSize, plan.rows) };
  // functions of the user's are called for the training alone; who goes on with a training may have come to its end
  const own = [
    ...model.nodes.map(({ layer }) => layer.kernel),
    ...[state.loss, ...state.metrics].map((part) => part.kernel ?? part.type),
  ];
  const looks = wanted("lossStands") && state.updates === 0 && model.run.bytes > 0 && !own.includes("custom");
  const lossOf = async (): Promise<number> =>
    (await measure(state, { ...first, lossAlone: true }, first.rows, plan.yieldEvery, "warnings")).loss;
  const start = looks ? await lossOf() : undefined;
  const dead = wanted("deadUnits") && model.nodes.some(({ layer }) => layer.type === "relu") && !own.includes("custom");
  if (promised.length > 0) await Promise.all(promised);
  if (start === undefined && !dead) return undefined;
  return async () => {
    await state.offThread?.refresh();
    if (start !== undefined) say("lossStands", standing(state, start, await lossOf()));
    if (dead) say("deadUnits", deadText(state, deadLayers(model, first)));
    if (promised.length > 0) await Promise.all(promised);
    return undefined;
  };
}

/** A class whose share of the rows for validation can't be chance, if there is one. */
function otherClasses(state: TrainerState, { data, rows }: Watched): string | undefined {
  const held = data.rows - rows;
  if (held === 0) return undefined;
  const classOf = classes(state, data, rows + held);
  if (!classOf) return undefined;
  const counts = new Map<number, [trained: number, measured: number]>();
  for (let r = 0; r < rows + held; r++) {
    const label = classOf(r);
    const count = counts.get(label) ?? [0, 0];
    counts.set(label, count);
    count[r < rows ? 0 : 1]++;
  }
  let worst: { readonly label: number; readonly p: number; readonly q: number } | undefined;
  for (const [label, [trained, measured]] of counts) {
    const [p, q] = [trained / rows, measured / held];
    const all = (trained + measured) / (rows + held);
    // by chance the shares differ by so much in one of a million
    const chance = 5 * Math.sqrt(all * (1 - all) * (1 / rows + 1 / held));
    const gap = Math.abs(p - q);
    const worse = gap - Math.abs((worst?.q ?? 0) - (worst?.p ?? 0));
    if (gap > chance && gap > 0.1 && (worse > 0 || (worse === 0 && q > p))) worst = { label, p, q };
  }
  if (!worst) return undefined;
  const { label, p, q } = worst;
  return (
    `class ${label} is ${percent(p)} of the rows that are trained on, but ${percent(q)} of those for validation, which are the last ones: the rows ` +
    `seem to be sorted. The figures of such a validation say little; shuffle the rows before, or give validationData`
  );
}

/** Gives a row's class, if the targets are classes: labels, one 1 among zeros, or 0 and 1 (or -1 and 1). */
function classes(state: TrainerState, { y, rowBytes }: Prepared, rows: number): ((row: number) => number) | undefined {
  const { arena } = state.model.core;
  const width = rowBytes.y / 4;
  if (y.labels) {
    const labels = new Int32Array(arena.u32.buffer, y.address, rows * width);
    return width === 1 ? (r) => labels[r]! : undefined;
  }
  const values = arena.floats(y.address, rows * width);
  if (width === 1) {
    const lowest = values.includes(-1) ? -1 : 0;
    return values.every((value) => value === lowest || value === 1) ? (r) => values[r]! : undefined;
  }
  const found = new Int32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * width, (r + 1) * width);
    found[r] = row.indexOf(1);
    if (found[r]! < 0 || row.some((value, i) => value !== Number(i === found[r]))) return undefined;
  }
  return (r) => found[r]!;
}

/** A column of the input whose numbers are of another size than the others', if there is one. */
function otherScale({ model }: TrainerState, { data, rows }: Watched): string | undefined {
  const { inputShape, core, nodes, rules } = model;
  const width = inputShape.at(-1)!;
  const size = sizeOf(inputShape);
  // bytes have one scale; whole numbers are looked up, or count; a normalisation makes the scales alike
  const normalised = nodes.some(({ from, layer }) => from < 0 && /norm$/i.test(layer.type));
  if (data.x.bytes || rules.length > 0 || width < 2 || normalised || model.inputs) return undefined;
  const largest = new Float64Array(width);
  const step = Math.ceil(rows / MOST_ROWS);
  for (let r = 0; r < rows; r += step) {
    const row = core.arena.floats(data.x.address + r * data.rowBytes.x, size);
    for (let i = 0, column = 0; i < size; i++, column = column + 1 < width ? column + 1 : 0) {
      const value = Math.abs(row[i]!);
      if (value > largest[column]!) largest[column] = value;
    }
  }
  const sorted = largest.filter((value) => value > 0).toSorted();
  if (sorted.length < 2) return undefined;
  const middle = sorted[(sorted.length - 1) >> 1]!;
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const odd = high / middle >= SCALE ? high : middle / low >= SCALE ? low : undefined;
  if (odd === undefined) return undefined;
  const column = largest.indexOf(odd);
  return (
    `the numbers of x's column ${column} go up to ${figure(odd)} in size, those of a column in the middle to ${figure(middle)}: ` +
    `${odd === high ? "the larger ones drown the others" : "so small ones are hardly seen"}. Scale the columns, to about 0 to 1 or to mean 0 and deviation 1`
  );
}

/** What a loss that stands means. */
function standing(state: TrainerState, before: number, after: number): string | undefined {
  if (Math.abs(after - before) > MOVED * Math.abs(before) || Math.abs(before) < MOVED) return undefined;
  return (
    `the loss of the first batch is ${figure(after)} after ${state.updates} updates, as it was before: nothing is learned. Likely causes: a learning rate ` +
    `that is too small (it is ${state.learningRate}), activations that give the same for all rows, or targets that don't depend on x`
  );
}

function deadText(state: TrainerState, layers: readonly DeadLayer[]): string | undefined {
  const [worst] = layers.toSorted((a, b) => b.dead / b.units - a.dead / a.units);
  if (!worst) return undefined;
  const { name, dead, units, rows } = worst;
  return (
    `${dead} of ${units} units of layer "${name}" give 0 for all of ${rows} rows, so that they have no gradient and can't learn. Likely causes: a ` +
    `learning rate that is too large (it is ${state.learningRate}), or inputs that aren't scaled; try a smaller one, or leakyRelu()`
  );
}

const percent = (share: number): string => `${figure(100 * share)} %`;
const figure = (value: number): string => String(Number(value.toPrecision(3)));
