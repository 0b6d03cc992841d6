// The worker of a run: owns model and trainer, trains in slices, and paints what every neuron says of the plane. The page only draws.
import { activations, backend, type Model, NonFiniteError } from "wasmgrad";
import { pixels, type Theme } from "../look/colour.ts";
import { scaled } from "../play/data.ts";
import { diagnose } from "../play/diagnose.ts";
import type { FromWorker, Questions, ToWorker } from "../play/protocol.ts";
import { LIMITS } from "../play/setup.ts";
import { makeTraining, weightsOf } from "../play/training.ts";
import { GRIDS, type Job, jobOf, type Left, modelToShow, withEdit } from "./play/job.ts";
import { measureLosses, rightOf } from "./play/measure.ts";
import { adapt, SLOW } from "./play/pace.ts";
import { largest, paintField, paintMaps, places } from "./play/paint.ts";
import { lastOf, lossesAt, snapshot } from "./play/past.ts";
import { inTurn, sleep, turn } from "./play/turns.ts";
import { look, termsOf } from "./play/units.ts";

/** Milliseconds of training between two frames: fewer while the page waits for the worker, as it does on a busy machine. */
const SLICE = 6;
const LEAST_SLICE = 2;
/** Frames on their way to the page: one that is drawn, one that waits, one that is painted. With two, a busy machine draws a fifth fewer. */
const IN_FLIGHT = 3;
/** Milliseconds between two measurements of the losses, of dead and saturated units. */
const MEASURE = 60;
const LOOK = 500;
/** Frames of a run's beginning that are all measured, and kept to come back to. */
const EARLY = 60;
/** Parameters of networks that are looked into while they train, at most: it takes as long as an update of so many rows. */
const MOST_LOOKED_AT = 100_000;

const say = (message: FromWorker, transfer: Transferable[] = []): void => postMessage(message, { transfer });

let job: Job | undefined;
let theme: Theme = "light";
let colours = pixels(theme);
let free: ArrayBuffer[] = [];
let inFlight = 0;
let pace = 0;
let most = Infinity;
let allowed = 0;
let allowedAt = 0;
let looping = false;
let sliceMillis = SLICE;

// --- making

async function make(message: ToWorker & { say: "make" }): Promise<void> {
  const before = job;
  job = undefined;
  await before?.runner.end();
  const { setup, make: number } = message;
  setTheme(message.theme);
  ({ pace } = message);
  try {
    // small ones share a memory: engines allow a limited number
    const small = before !== undefined && before.training.model.parameterCount < 50_000;
    const training = await makeTraining(setup, small ? before.training.model.core : undefined);
    const { model } = training;
    job = jobOf(number, training, message.grid);
    setGrid(job);
    const { binary, threads, reason } = backend(model);
    const { data } = training;
    say({
      say: "made",
      make: number,
      data,
      engine: {
        binary,
        threads,
        reason,
        loaded: (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).reduce(
          (sum, { encodedBodySize }) => sum + encodedBodySize,
          0,
        ),
        parameters: model.parameterCount,
        isolated: self.crossOriginIsolated,
      },
    });
    await paint(job);
    if (message.run && training.train) start(message.until);
    else await sayPaused(job);
  } catch (error) {
    say({ say: "failed", make: number, message: (error as Error).message });
  }
}

function setGrid(its: Job): void {
  const side = GRIDS[its.level]!;
  const { box } = its.training.data;
  its.grid = scaled(places(box, side), its.training.scaling);
  its.into = {};
  free = [];
}

function setTheme(now: Theme): void {
  if (now === theme) return;
  theme = now;
  colours = pixels(theme);
}

// --- training

function start(until = Infinity): void {
  if (!job || job.halted || !job.training.train) return;
  job.running = true;
  job.single = false;
  job.until = until;
  allowed = 1;
  allowedAt = performance.now();
  if (!looping) void loop();
}

/** Several that are asked for at once are all made. */
function once(): void {
  if (!job) return;
  start((job.running && job.single ? job.until : job.runner.updates) + 1);
  job.single = true;
}

async function loop(): Promise<void> {
  looping = true;
  while (job?.running) {
    const rest = await inTurn(slice);
    await (rest > 0 ? sleep(rest) : turn());
  }
  looping = false;
}

/** One slice of training, and a frame if there is room for it. Gives the milliseconds until there is something to do again. */
async function slice(): Promise<number> {
  const its = job;
  if (!its?.running) return 0;
  let { until } = its;
  if (most < Infinity) {
    const now = performance.now();
    allowed = Math.min(allowed + ((now - allowedAt) / 1000) * most, 1 + most / 4);
    allowedAt = now;
    if (allowed < 1) return Math.min(50, (1000 * (1 - allowed)) / most);
    until = Math.min(until, its.runner.updates + Math.floor(allowed));
  }
  const began = performance.now();
  try {
    const made = await its.runner.advance(sliceMillis, until);
    allowed -= made;
    its.done.updates += made;
    its.done.rows += (made * its.training.rows) / its.training.batches;
  } catch (error) {
    await halt(its, error);
    return 0;
  }
  its.millis += performance.now() - began;
  if (its.runner.updates >= its.until) {
    its.running = false;
    await paint(its);
    await sayPaused(its);
  } else if (inFlight < IN_FLIGHT && performance.now() - its.painted >= pace) {
    sliceMillis = Math.min(SLICE, Math.max(LEAST_SLICE, sliceMillis * (inFlight === 0 ? 0.9 : 1.1)));
    await paint(its);
  }
  return 0;
}

async function halt(its: Job, error: unknown): Promise<void> {
  its.running = false;
  if (error instanceof NonFiniteError) {
    its.halted = true;
    const { layer, tensor, message, step } = error;
    const { learningRate: rate } = its.training.trainer;
    await paint(its);
    say({ say: "halted", make: its.make, update: step, layer, tensor, message, rate });
  } else {
    say({ say: "failed", make: its.make, message: (error as Error).message });
  }
}

const fingerprintOf = (its: Job): string => its.training.model.fingerprint();

async function sayPaused(its: Job): Promise<void> {
  say({ say: "paused", make: its.make, updates: its.runner.updates, fingerprint: fingerprintOf(its) });
}

// --- painting

async function paint(its: Job): Promise<void> {
  const model = await modelToShow(its);
  const { setup, trainer } = its.training;
  const side = GRIDS[its.level]!;
  const pixelsOfMap = side * side;
  const hidden = !its.halved || its.frames % 2 === 0 || !its.running;
  its.frames++;
  const began = performance.now();
  const wanted = its.layers.filter(({ drawn }, k) => drawn && (hidden || k === its.layers.length - 1));
  const values = activations(
    model,
    its.grid,
    wanted.map(({ name }) => name),
    { into: Object.fromEntries(wanted.flatMap(({ name }) => (its.into[name] ? [[name, its.into[name]!]] : []))) },
  );
  Object.assign(its.into, values);
  const forwarded = performance.now();
  const maps = 1 + (hidden ? wanted.reduce((sum, { units }) => sum + units, 0) : 0);
  const bytes = maps * pixelsOfMap * 4;
  const place = free.findIndex((buffer) => buffer.byteLength === bytes);
  const buffer = place >= 0 ? free.splice(place, 1)[0]! : new ArrayBuffer(bytes);
  const to = new Uint32Array(buffer);
  const output = its.layers.at(-1)!;
  paintField(to.subarray(0, pixelsOfMap), values[output.name]!, setup, output.units, theme, colours);
  const scales = its.layers.map(({ bounded, name, drawn }) => (bounded || !drawn ? 1 : largest(its.into[name])));
  let at = pixelsOfMap;
  if (hidden) {
    its.layers.forEach(({ name, units, drawn }, k) => {
      if (!drawn) return;
      paintMaps(to.subarray(at, (at += units * pixelsOfMap)), values[name]!, units, scales[k]!, colours);
    });
  }
  const coloured = performance.now();
  const measured = await measure(its, model);
  if (measured) remember(its);
  inFlight++;
  its.painted = performance.now();
  const { done } = its;
  const train = its.millis;
  its.done = { updates: 0, rows: 0 };
  its.millis = 0;
  if (adapt(its, coloured - began)) setGrid(its);
  say(
    {
      say: "frame",
      make: its.make,
      buffer,
      grid: side,
      hidden,
      drawn: its.layers.map(({ units, drawn }) => (drawn ? units : 0)),
      weights: model.parameterCount <= LIMITS.shown ? weightsOf(model) : new Float32Array(0),
      updates: trainer.updates,
      epochs: trainer.epochs,
      running: its.running,
      shown: its.shown !== undefined,
      scales,
      bytes: model.core.arena.u8.byteLength,
      measured,
      train: its.train,
      test: its.test,
      right: its.right,
      tested: its.training.test !== undefined,
      rate: trainer.learningRate,
      millis: { train, forward: forwarded - began, colour: coloured - forwarded },
      done,
    },
    [buffer],
  );
  sayFindings(its);
}

/** Keeps what is needed to come back to this update, if it is time for it. Where a run halted, its epoch isn't at its end. */
function remember(its: Job): void {
  const { runner, past, shown, halted } = its;
  if (shown || halted || !runner.betweenEpochs || !past.wants(runner.updates)) return;
  past.add(runner.updates, snapshot(its));
}

/** What was set by hand while it stands still is come back to, and not what was before. */
async function rememberEdit(its: Job): Promise<void> {
  if (its.running || !its.runner.betweenEpochs) return;
  await measureLosses(its);
  its.past.put(its.runner.updates, snapshot(its));
}

/** Measures the losses, if it is time for it. */
async function measure(its: Job, model: Model): Promise<boolean> {
  const { training } = its;
  // most happens at the beginning: nothing of that is left out
  const early = its.past.kept.length < EARLY && !its.shown;
  if (its.running && !early && performance.now() - its.measured < MEASURE) return false;
  its.measured = performance.now();
  if (!training.train) return false;
  if (!its.shown) await measureLosses(its);
  its.right = rightOf(training, model);
  return true;
}

// --- how units are

function sayFindings(its: Job): void {
  if (performance.now() - its.lookedAt < (its.running ? LOOK : 0) || its.shown) return;
  its.lookedAt = performance.now();
  if (its.training.model.parameterCount > MOST_LOOKED_AT) return;
  say({ say: "findings", make: its.make, findings: diagnose(look(its)) });
}

// --- questions

/** This run as it stands; one that halted, as it was at its last snapshot. */
async function leave(its: Job): Promise<Left> {
  const { past, runner, halted, edits } = its;
  if (halted) return lastOf(past);
  await measureLosses(its);
  const { train, test } = its;
  return { past, place: runner.place, edits, train, test };
}

/** Leaves a run for another one. */
async function goOn(its: Job, { past, place, edits }: Left): Promise<{ readonly updates: number }> {
  const other = await leave(its);
  await its.runner.goTo(place);
  Object.assign(its, { past, other, edits, running: false, halted: false, shown: undefined } satisfies Partial<Job>);
  await paint(its);
  await sayPaused(its);
  return { updates: its.runner.updates };
}

type Answers = {
  readonly [Q in keyof Questions]: (its: Job, take: Questions[Q]["take"]) => Promise<Questions[Q]["give"]>;
};

const answers: Answers = {
  past: async ({ past, shown, other }) => ({
    kept: past.kept.map(lossesAt),
    shown: past.kept.find(({ state }) => state.weights === shown)?.at,
    other: other && { at: other.place.updates, train: other.train, test: other.test },
  }),
  async branch(its, { at }) {
    const found = its.past.before(at);
    return found ? goOn(its, lastOf(its.past.branch(found.at))) : { updates: its.runner.updates };
  },
  async swap(its) {
    return its.other ? goOn(its, its.other) : { updates: its.runner.updates };
  },
  async file({ runner, training: { model } }) {
    const { modelToBytes } = await import("../play/modelBytes.ts");
    return { bytes: modelToBytes(model), updates: runner.updates };
  },
  look: async (its) => look(its),
  unit: async (its, take) => termsOf(its, await modelToShow(its), take),
  async batch(its) {
    const { data } = its.training;
    const rows = await its.runner.nextBatch();
    return {
      x: Float32Array.from({ length: 2 * rows.length }, (_, i) => data.x[2 * rows[i >> 1]! + (i % 2)]!),
      y: Float32Array.from(rows, (row) => data.y[row]!),
    };
  },
  weights: async ({ training: { model } }) => weightsOf(model),
  fingerprint: async (its) => ({ fingerprint: fingerprintOf(its), updates: its.runner.updates, edits: its.edits }),
};

async function ask({ id, question, take }: ToWorker & { say: "ask" }): Promise<void> {
  try {
    if (!job) throw new Error("the run isn't made yet");
    const answer = answers[question] as (its: Job, take: unknown) => Promise<unknown>;
    say({ say: "answer", id, give: await answer(job, take) });
  } catch (error) {
    say({ say: "answer", id, error: (error as Error).message });
  }
}

// --- the page's words

async function obey(message: ToWorker): Promise<void> {
  switch (message.say) {
    case "make":
      return make(message);
    case "run":
      if (message.on) return start(message.until);
      if (!job?.running) return undefined;
      job.running = false;
      await paint(job);
      return sayPaused(job);
    case "once":
      return once();
    case "theme":
      setTheme(message.theme);
      return job && !job.running ? paint(job) : undefined;
    case "speed":
      most = message.updates;
      return undefined;
    case "set":
      if (job) {
        const { index, value } = message;
        job.runner.edit(index, value);
        job.edits = job.halted ? undefined : withEdit(job.edits, { at: job.runner.updates, index, value });
        job.halted = false;
        await rememberEdit(job);
        if (!job.running) {
          await paint(job);
          await sayPaused(job);
        }
      }
      return undefined;
    case "seek":
      if (job) {
        job.shown = message.at === undefined ? undefined : job.past.before(message.at)?.state.weights;
        await paint(job);
      }
      return undefined;
    case "ask":
      return ask(message);
    case "back":
      return undefined;
  }
}

onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.say === "back") {
    inFlight--;
    if (free.length <= IN_FLIGHT) free.push(data.buffer);
    if (job && data.took > SLOW) job.slow++;
    return;
  }
  void inTurn(() => obey(data));
};
