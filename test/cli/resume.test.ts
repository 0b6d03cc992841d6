// `digits --checkpoints` and `resume` as users run them: real processes that signals end.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { endCommand, type Outcome, runCommand } from "../support/commands.ts";

const all = mkdtempSync(join(tmpdir(), "wasmgrad-resume-"));
afterAll(() => rmSync(all, { recursive: true }));

/** Where the command is run. */
let cwd: string;
beforeEach(() => void (cwd = mkdtempSync(join(all, "test-"))));

const checkpointsIn = (run: string): number => readdirSync(run).filter((name) => name.includes("checkpoint")).length;

/** Runs the command; with a signal, ends it a little after its training has begun, or earlier: while it trains. */
function wasmgrad(args: readonly string[], signal?: NodeJS.Signals, from = cwd): Promise<Outcome> {
  if (signal === undefined) return runCommand(args, { cwd: from });
  const run = args[0] === "resume" ? resolve(from, args[1]!) : join(from, "run");
  const late = ({ code, out }: Outcome): boolean =>
    code === 0 || /after the last epoch|Test accuracy/.test(out) || (signal === "SIGKILL" && checkpointsIn(run) > 0);
  return endCommand(args, signal, { cwd: from, run, after: 700, late });
}

async function output(...args: string[]): Promise<string> {
  const { code, out, err } = await wasmgrad(args);
  expect(err).toBe("");
  expect(code).toBe(0);
  return out;
}

const fingerprint = (out: string): string => /Fingerprint {2}([0-9a-f]{16})/.exec(out)![1]!;

/** The report, without what depends on the time. */
const report = (out: string): string =>
  out.slice(out.indexOf("Test accuracy")).replace(/Trained .*\n/, "").replace(/Saved .*\n/, ""); // prettier-ignore

const EPOCHS = 3;
const STOPPED =
  /^Stopped (?:in epoch [123] of 3, after [\d,]+ updates?|before the first update)\. To go on: npx wasmgrad resume run$/m;

let whole: Promise<string> | undefined;
/** What a training that nothing interrupts prints. */
const uninterrupted = (): Promise<string> => (whole ??= output("digits", "--epochs", String(EPOCHS), "--no-save"));

describe("a training that a signal ends", () => {
  test.each([
    ["SIGINT", 130, "1", "1"],
    ["SIGTERM", 143, "1", "2"],
    ["SIGINT", 130, "2", "1"],
  ] as const)("%s (%d), with %s and then %s threads: resumed, it has the same bits", async (...row) => {
    const [signal, expected, before, after] = row;
    const args = ["digits", "--epochs", String(EPOCHS), "--checkpoints", "run", "--save", "a.safetensors"];
    const { code, out, err } = await wasmgrad([...args, "--threads", before], signal);
    expect(err).toBe("");
    expect(out).toMatch(STOPPED);
    expect(out).not.toContain("Test accuracy");
    expect(code).toBe(expected);
    expect(existsSync(join(cwd, "a.safetensors"))).toBe(false);
    const { command, options } = JSON.parse(readFileSync(join(cwd, "run/run.json"), "utf8")) as {
      command: string;
      options: object;
    };
    expect(command).toBe("digits");
    expect(options).toEqual({
      model: "mlp",
      epochs: EPOCHS,
      seed: 42,
      threads: Number(before),
      save: join(cwd, "a.safetensors"),
    });

    const resumed = await output("resume", "run", "--threads", after);
    // on a busy machine the signal may come before the first update
    if (!out.includes("before the first update")) {
      expect(resumed).toMatch(/^Resumed {2}in epoch [123] of 3, after [\d,]+ updates?$/m);
      expect(resumed).toMatch(/^Trained {2}3 epochs, the last [\d,]+ updates? in [\d.]+ s, /m);
    }
    expect(fingerprint(resumed)).toBe(fingerprint(await uninterrupted()));
    expect(report(resumed)).toBe(report(await uninterrupted()));
    expect(existsSync(join(cwd, "a.safetensors"))).toBe(true);
  });

  test("twice, and resumed from another folder: the model goes where it was to go", async () => {
    await wasmgrad(["digits", "--epochs", String(EPOCHS), "--checkpoints", "run"], "SIGINT");
    const elsewhere = mkdtempSync(join(all, "elsewhere-"));
    const second = await wasmgrad(["resume", join(cwd, "run")], "SIGINT", elsewhere);
    expect(second.code).toBe(130);
    const { out } = await wasmgrad(["resume", join(cwd, "run")], undefined, elsewhere);
    expect(fingerprint(out)).toBe(fingerprint(await uninterrupted()));
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(readdirSync(cwd).toSorted()).toEqual(["digits.safetensors", "run"]);
  });

  test("SIGKILL before the first checkpoint: it begins again", async () => {
    await wasmgrad(["digits", "--epochs", String(EPOCHS), "--no-save", "--checkpoints", "run"], "SIGKILL");
    expect(checkpointsIn(join(cwd, "run"))).toBe(0);
    expect(fingerprint(await output("resume", "run"))).toBe(fingerprint(await uninterrupted()));
  });

  test("lenet5", async () => {
    const args = ["digits", "--model", "lenet5", "--epochs", "1", "--no-save"];
    const once = await output(...args);
    const { code } = await wasmgrad([...args, "--checkpoints", "run"], "SIGINT");
    expect(code).toBe(130);
    expect(fingerprint(await output("resume", "run"))).toBe(fingerprint(once));
  });
});

describe("a training that is over", () => {
  test("is reported again without training, and its folder is refused for another", async () => {
    const first = await output("digits", "--epochs", "1", "--no-save", "--checkpoints", "run");
    const files = readdirSync(join(cwd, "run"));
    const again = await output("resume", "run");
    expect(again).toContain("Trained  1 epoch; nothing was left to do\n");
    expect(again).not.toContain("Resumed");
    expect(report(again)).toBe(report(first));
    const table = /^ {2}epoch .*\n.*\n {2}1 .*$/m;
    expect(table.exec(again)![0]).toBe(table.exec(first)![0]);

    const { code, out, err } = await wasmgrad(["digits", "--epochs", "1", "--checkpoints", "run"]);
    expect(err).toBe(
      'wasmgrad: digits: run has a training already; "npx wasmgrad resume run" goes on with it; give another folder for a new one\n',
    );
    expect(out).toBe("");
    expect(code).toBe(1);
    expect(readdirSync(join(cwd, "run")).length).toBeGreaterThanOrEqual(files.length);
    expect(readdirSync(cwd)).toEqual(["run"]);
  });
});

test("without --checkpoints a signal leaves nothing to go on with, and says nothing of it", async () => {
  // so many that it can't come to an end
  const look = (out: string): NodeJS.Signals | undefined => (out.includes("total ") ? "SIGINT" : undefined);
  const { code, out } = await runCommand(["digits", "--epochs", "1000"], { cwd, look });
  expect(code).toBe(130);
  expect(out).not.toContain("Stopped");
  expect(readdirSync(cwd)).toEqual([]);
});
