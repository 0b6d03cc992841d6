// `train --checkpoints` and `resume` as users run them: real processes that signals end at different places.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { csvText, endCommand, type Ending, type Outcome, runCommand } from "../support/commands.ts";

const all = mkdtempSync(join(tmpdir(), "wasmgrad-tables-resume-"));
afterAll(() => rmSync(all, { recursive: true }));

/** A table whose target takes many epochs to learn. */
const DATA = csvText(
  ["a", "b", "c", "d", "y"],
  Array.from({ length: 6000 }, (_, i) => {
    const [a, b, c, d] = [(i * 7919) % 101, (i * 104729) % 103, (i * 1299709) % 107, (i * 15485863) % 109];
    return [a, b, c, d, (a - 50) * (b - 50) + (c - 50) * (d - 50)];
  }),
);
const ARGS = ["train", "data.csv", "--target", "y", "--test", "0.1", "--epochs", "60"];

/** Where the command is run. */
let cwd: string;
const folder = (): string => {
  const path = mkdtempSync(join(all, "test-"));
  writeFileSync(join(path, "data.csv"), DATA);
  return path;
};
beforeEach(() => void (cwd = folder()));

const run = (...args: string[]): Promise<Outcome> => runCommand(args, { cwd });

const checkpointsOf = (): string[] => readdirSync(join(cwd, "run")).filter((name) => name.includes("checkpoint"));

/** Runs it, and ends it by a signal some time after the training has begun, or earlier: before it has written what it writes in the end. */
const ended = (
  args: readonly string[],
  signal: NodeJS.Signals,
  after: number,
  late: Ending["late"] = ({ code }) => code === 0 || readdirSync(cwd).some((name) => name.startsWith("data-")),
): Promise<Outcome> => endCommand(args, signal, { cwd, run: join(cwd, "run"), after, late });

/** What a training leaves. */
const left = (place = cwd): { model: string; report: string } => ({
  model: readFileSync(join(place, "data-model.safetensors"), "hex"),
  report: readFileSync(join(place, "data-report.html"), "utf8"),
});

let whole: Promise<{ out: string; files: ReturnType<typeof left> }> | undefined;
/** What one gives that nothing interrupts. */
const uninterrupted = () =>
  (whole ??= (async () => {
    const place = folder();
    const { code, out, err } = await runCommand([...ARGS, "--json"], { cwd: place });
    expect([code, err]).toEqual([0, ""]);
    return { out, files: left(place) };
  })());

async function expectSame({ code, out, err }: Outcome): Promise<void> {
  expect([code, err]).toEqual([0, ""]);
  const expected = await uninterrupted();
  expect(JSON.parse(out)).toEqual(JSON.parse(expected.out));
  expect(out).toBe(expected.out);
  const files = left();
  expect(files.model === expected.files.model).toBe(true);
  expect(files.report === expected.files.report).toBe(true);
  expect(readdirSync(cwd).toSorted()).toEqual(["data-model.safetensors", "data-report.html", "data.csv", "run"]);
}

describe("a training on a table that a signal ends", () => {
  beforeEach(async () => void (await uninterrupted()));

  test.each([
    ["SIGINT", 130, 0],
    ["SIGINT", 130, 250],
    ["SIGTERM", 143, 600],
  ] as const)("%s (%d) after %d ms: resumed, it gives the same bytes", async (signal, expected, after) => {
    const stopped = await ended([...ARGS, "--json", "--checkpoints", "run"], signal, after);
    expect([stopped.code, stopped.err, stopped.out]).toEqual([expected, "", ""]);
    expect(readdirSync(cwd).toSorted()).toEqual(["data.csv", "run"]);
    await expectSame(await run("resume", "run"));
  });

  test("SIGKILL before any checkpoint, and again after one: resumed, it gives the same bytes", async () => {
    const args = [...ARGS, "--json", "--checkpoints", "run"];
    const early = await ended(args, "SIGKILL", 50, () => checkpointsOf().length > 0);
    expect(early.code).toBe(null);
    expect(checkpointsOf()).toEqual([]);
    // before the first update it leaves none
    for (let after = 50; checkpointsOf().length === 0; after *= 2)
      expect((await ended(["resume", "run"], "SIGINT", after)).code).toBe(130);
    expect((await ended(["resume", "run", "--threads", "2"], "SIGKILL", 100)).code).toBe(null);
    expect(readdirSync(cwd).toSorted()).toEqual(["data.csv", "run"]);
    await expectSame(await run("resume", "run"));
  });

  test("what is said without --json: how to go on, and the same figures", async () => {
    const stopped = await ended([...ARGS, "--checkpoints", "run"], "SIGINT", 300);
    expect(stopped.code).toBe(130);
    expect(stopped.err).toBe("");
    expect(stopped.out).toMatch(
      /^data\.csv {2}6,000 rows, 5 columns \(CSV with commas\)\nTarget {2}y \(.*\n\nStopped (?:in epoch \d+ of 60, after [\d,]+ updates?|after the last epoch, with [\d,]+ updates|before the first update)\. To go on: npx wasmgrad resume run\n$/,
    );
    const { out } = await run("resume", "run");
    const { fingerprint } = JSON.parse((await uninterrupted()).out) as { fingerprint: string };
    expect(out).toContain(`\nFingerprint  ${fingerprint}  the same on every machine for seed 1\n`);
    expect(out).toContain("\nAgain  npx wasmgrad train data.csv --target y --epochs 60 --test 0.1 --seed 1\n");
  });

  test("from another folder: files go where they were to go", async () => {
    await ended([...ARGS, "--checkpoints", "run"], "SIGINT", 200);
    const elsewhere = mkdtempSync(join(all, "elsewhere-"));
    const { code, err } = await runCommand(["resume", join(cwd, "run")], { cwd: elsewhere });
    expect([code, err]).toEqual([0, ""]);
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(left().model === (await uninterrupted()).files.model).toBe(true);
  });
});

describe("a training that can't go on", () => {
  const begin = (...more: string[]): Promise<Outcome> =>
    ended([...ARGS, ...more, "--checkpoints", "run"], "SIGINT", 300);

  test("the data isn't what it was, or isn't there", async () => {
    expect((await begin()).code).toBe(130);
    writeFileSync(join(cwd, "data.csv"), `${DATA}1,2,3,4,5\n`);
    const path = join(cwd, "data.csv");
    expect(await run("resume", "run")).toEqual({
      code: 1,
      out: "",
      err: `wasmgrad: resume: ${path} isn't what the training in run was begun with; put it back as it was, or begin a new training\n`,
    });
    rmSync(path);
    expect((await run("resume", "run")).err).toBe(
      `wasmgrad: resume: ${path}, which the training in run is of, can't be read (ENOENT)\n`,
    );
  });

  test("the rows to test with aren't what they were", async () => {
    const later = join(cwd, "later.csv");
    writeFileSync(later, csvText(["a", "b", "c", "d", "y"], [[1, 2, 3, 4, 5]]));
    expect((await begin("--test", "later.csv")).code).toBe(130);
    writeFileSync(later, csvText(["a", "b", "c", "d", "y"], [[1, 2, 3, 4, 6]]));
    expect((await run("resume", "run")).err).toBe(
      `wasmgrad: resume: ${later} isn't what the training in run was begun with; put it back as it was, or begin a new training\n`,
    );
  });

  test("run.json was changed by hand", async () => {
    expect((await begin()).code).toBe(130);
    const path = join(cwd, "run/run.json");
    const file = JSON.parse(readFileSync(path, "utf8")) as { options: Record<string, unknown> };
    writeFileSync(path, JSON.stringify({ ...file, options: { ...file.options, task: "clustering" } }));
    expect((await run("resume", "run")).err).toBe(
      'wasmgrad: resume: run/run.json: "task" must be one of auto, regression, classification, series, got "clustering"; put back what was in it, or begin a new training in another folder\n',
    );
  });

  test("a folder that has another training is refused for a new one, and nothing is written", async () => {
    expect((await begin()).code).toBe(130);
    const { code, err } = await run(...ARGS, "--checkpoints", "run");
    expect(code).toBe(1);
    expect(err).toBe(
      'wasmgrad: train: run has a training already; "npx wasmgrad resume run" goes on with it; give another folder for a new one\n',
    );
    expect(readdirSync(cwd).toSorted()).toEqual(["data.csv", "run"]);
  });
});
