// Fuzzes `pipelineFromJSON`: files with values changed anywhere are refused in words, or make finite numbers of rows.
import { lag, ordinal, type Pipeline, pipelineFromJSON, table, window } from "../../src/data.ts";
import type { Draw } from "./draw.ts";
import { ended, endedReading, type Fuzzer, type Tried } from "./engine.ts";

const COUNT = 40;
const when = Array.from({ length: COUNT }, (_, i) => new Date(Date.UTC(2026, 0, 1 + i)));
const CELLS = {
  when,
  age: when.map((_, i) => (i % 9 === 0 ? null : ((i * 37) % 23) / 7)),
  tail: when.map((_, i) => ((i * 37) % 23) * (i % 10 === 0 ? 100 : 1)),
  price: when.map((_, i) => `${(i * 7) % 10},5`),
  city: when.map((_, i) => ["Bern", "Ulm", "", "Köln"][i % 4]!),
  ok: when.map((_, i) => (i % 3 === 0 ? "yes" : "no")),
  y: when.map((_, i) => ((i * 11) % 17) + i / 7),
};
const ROWS = table(CELLS);

function allPipelines(): Pipeline[] {
  const rows = ROWS.infer();
  const columns = {
    age: "drop",
    tail: [window({ length: 3, of: ["mean", "sd"] })],
    city: [ordinal(), lag({ steps: [2] })],
  } as const;
  return [
    rows.fit(),
    rows.fit({ target: "ok" }),
    rows.fit({ target: "y", columns: { city: ordinal() } }),
    rows.fit({ target: "y", task: "series", columns }),
  ];
}

/** Something else in place of a value, often of the same kind. */
function otherValue(draw: Draw, value: unknown): unknown {
  return draw.call<unknown>([
    () => draw.number(),
    () => (typeof value === "number" ? value * draw.pick([-1, 0, 0.5, 1e300, 1e-300, 2 ** 40]) : draw.int(10)),
    () =>
      draw.pick([
        null,
        true,
        false,
        "",
        [],
        {},
        "number",
        "words",
        "date",
        "boolean",
        "lag",
        "window",
        "oneHot",
        "impute",
      ]),
    () => draw.text(),
    () => (Array.isArray(value) ? [...(value as unknown[]), ...draw.list(draw.int(3), () => draw.number())] : value),
    () => (Array.isArray(value) ? value.slice(draw.int(value.length + 1)) : [value]),
    () => Array.from({ length: draw.pick([1, 100, 3000]) }, () => value),
  ]);
}

/** A part of a file, and a few of its values changed. */
function changed(draw: Draw, value: unknown, share: number): unknown {
  if (draw.chance(share)) return otherValue(draw, value);
  if (Array.isArray(value)) return value.map((each) => changed(draw, each, share));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(() => !draw.chance(share / 4));
  return Object.fromEntries(entries.map(([key, each]) => [key, changed(draw, each, share)]));
}

async function attempt(draw: Draw, pipelines: readonly Pipeline[]): Promise<Tried> {
  const pipeline = draw.pick(pipelines);
  const text = JSON.stringify(changed(draw, pipeline.toJSON(), draw.pick([0.002, 0.01, 0.1])));
  const input = (): string => text;
  const value: unknown = JSON.parse(text);
  const end = await endedReading(text.length, ["pipelineFromJSON"], () => pipelineFromJSON(value));
  if (end.fault !== undefined || end.error) return { fault: end.fault, refused: true, input };
  const read = end.value;
  // what is read can be written, and is the same again
  if (JSON.stringify(pipelineFromJSON(JSON.parse(JSON.stringify(read)))) !== JSON.stringify(read)) {
    return { fault: "what was read is another pipeline once it is written", refused: false, input };
  }
  if (read.features.length > 20000) return { fault: undefined, refused: false, input };
  const done = await ended(["transform"], () => read.transform(ROWS));
  let { fault } = done;
  if (done.value) {
    const { x, rows } = done.value;
    if (x.length !== rows.length * read.features.length) fault ??= `x has ${x.length} numbers`;
    if (!x.every(Number.isFinite)) fault ??= "x isn't finite";
  }
  fault ??= (await ended(["toString"], () => read.toString())).fault;
  return { fault, refused: false, input };
}

export const pipelines: Fuzzer = {
  name: "pipelines",
  what: "pipelineFromJSON, of pipelines with values changed anywhere, and what they make of rows",
  inTests: 1500,
  prepare() {
    const all = allPipelines();
    return (draw) => attempt(draw, all);
  },
};
