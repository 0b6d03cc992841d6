// run.json: how a training was begun, and what is said where it can't be used.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { digitsOptions } from "../../cli/digits.ts";
import { resume } from "../../cli/resume.ts";
import { newRun, openRun, placeText, type RunFile } from "../../cli/runs.ts";
import { version } from "../../cli/version.ts";
import { checkpoints } from "../../src/files.ts";
import { writeCheckpoint } from "../../src/io/checkpointFile.ts";
import { expectRefusal } from "../support/refusals.ts";

const all = mkdtempSync(join(tmpdir(), "wasmgrad-runs-"));
afterAll(() => rmSync(all, { recursive: true }));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(all, "run-"));
  path = join(folder, "run.json");
});

const OPTIONS = { model: "mlp", epochs: 5, seed: 42, threads: 1, save: "digits.safetensors" };
const FILE: RunFile = { command: "digits", options: OPTIONS, version };

const REPAIR = "put back what was in it, or begin a new training in another folder";
const ADVICE = "give the folder that a training was begun with, as digits --checkpoints <folder> does";

/** What `resume` says to the file's text. */
async function said(text: string): Promise<string> {
  writeFileSync(path, text);
  const error: unknown = await resume(folder, {}, () => {}).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  return (error as Error).message;
}

describe("no training's folder", () => {
  test("missing", async () => {
    const none = join(folder, "none");
    await expectRefusal(() => openRun(none), Error, `resume: ${none} doesn't exist; ${ADVICE}`);
  });

  test("a file", async () => {
    writeFileSync(path, "");
    await expectRefusal(() => openRun(path), Error, `resume: ${path} is a file; ${ADVICE}`);
    await expectRefusal(() => openRun(join(path, "a")), Error, `resume: ${join(path, "a")} can't be used (ENOTDIR)`);
    await expectRefusal(
      () => newRun("digits", path),
      Error,
      `digits: ${path} is a file; give a folder for the checkpoints`,
    );
  });

  test("without run.json, or one that can't be read", async () => {
    const none = `resume: ${folder} has no run.json: no command has begun a training in it, and a program of your own goes on where it is run again; ${ADVICE}`;
    await expectRefusal(() => openRun(folder), Error, none);
    mkdirSync(path);
    await expectRefusal(() => openRun(folder), Error, `resume: ${path} can't be read (EISDIR)`);
  });
});

describe("a new training's folder", () => {
  const store = checkpoints(join(all, "its"));
  const run = (): ReturnType<typeof newRun> => newRun("digits", join(all, "its"));

  test("is made with run.json, which a training that wasn't kept yet leaves to the next one", async () => {
    for (const seed of [1, 2]) {
      const { begin, before } = await run();
      expect(before).toBeUndefined();
      await begin({ ...OPTIONS, seed });
      const text = readFileSync(join(all, "its/run.json"), "utf8");
      expect(text).toBe(`${JSON.stringify({ ...FILE, options: { ...OPTIONS, seed } }, undefined, 2)}\n`);
    }
    const { run: opened, file } = await openRun(join(all, "its"));
    expect(file.options).toEqual({ ...OPTIONS, seed: 2 });
    expect(opened.before).toBeUndefined();
  });

  test("is refused where there are checkpoints", async () => {
    const late = await run();
    const state = new Uint8Array(4);
    const at = { of: [], step: 3, epoch: 1, batch: 1, ended: false, history: { loss: [1] }, state };
    await store.write(writeCheckpoint(at), { step: 3, epoch: 1, best: false });
    expect((await openRun(join(all, "its"))).run.before).toMatchObject({ step: 3, epoch: 1 });
    const taken =
      /^digits: .*its has a training already; "npx.wasmgrad.resume.*its" goes on with it; give another folder /;
    await expectRefusal(run, Error, taken);
    await expectRefusal(async () => late.begin(OPTIONS), Error, taken);
    rmSync(join(all, "its/run.json"));
    await expectRefusal(run, Error, /^digits: .*its has checkpoints of another program; give another folder$/);
  });

  test("that can't have run.json", async () => {
    mkdirSync(join(path, "inside"), { recursive: true });
    const { begin } = await newRun("digits", folder);
    await expectRefusal(() => begin(OPTIONS), Error, /^digits: .*run\.json can't be written \((?:EISDIR|ENOTEMPTY)\)$/);
  });
});

describe("a file that is damaged", () => {
  test.each([
    ["", "it is no JSON"],
    [JSON.stringify(FILE).slice(0, -9), "it is no JSON"],
    ["[]", "it must be an object"],
    ["null", "it must be an object"],
    ["{}", '"command" must be the name of a command'],
    [JSON.stringify({ ...FILE, command: 5 }), '"command" must be the name of a command'],
    [JSON.stringify({ ...FILE, options: [] }), '"options" must be an object'],
    [JSON.stringify({ ...FILE, version: 1 }), '"version" must be the version that began the training'],
  ])("%j", async (text, fault) => {
    expect(await said(text)).toBe(`resume: ${path} is damaged: ${fault}; ${REPAIR}`);
  });

  test.each(["trian", "toString", "Digits"] as const)("of the command %s", async (command) => {
    const meant = { trian: "train", toString: undefined, Digits: "digits" }[command];
    const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`;
    expect(await said(JSON.stringify({ ...FILE, command }))).toBe(
      `resume: the training in ${folder} is of the command "${command}", which this version doesn't know; known: digits, train${hint}`,
    );
  });
});

describe("options", () => {
  const check = (options: object, of = version): unknown =>
    digitsOptions(folder, { command: "digits", options: { ...OPTIONS, ...options }, version: of });

  test("as they were written", () => {
    expect(check({})).toEqual(OPTIONS);
    const others = { model: "lenet5", threads: "auto", save: false };
    expect(check(others)).toEqual({ ...OPTIONS, ...others });
  });

  test.each([
    [{ model: "lenet" }, '"model" must be one of mlp, lenet5, got "lenet"'],
    [{ epochs: 0 }, '"epochs" must be a whole number of 1 or more, got 0'],
    [{ epochs: "5" }, '"epochs" must be a whole number of 1 or more, got "5"'],
    [{ seed: -1 }, '"seed" must be a whole number of 0 or more, got -1'],
    [{ seed: undefined }, '"seed" is missing, which must be a whole number of 0 or more'],
    [{ threads: "all" }, '"threads" must be a whole number of 1 or more, or "auto", got "all"'],
    [{ save: "" }, '"save" must be a file\'s path, or false, got ""'],
    [{ save: true }, '"save" must be a file\'s path, or false, got true'],
    [{ sed: 1 }, 'digits has no option "sed" (did you mean seed?)'],
    [{ checkpoints: "run" }, 'digits has no option "checkpoints"'],
  ])("%j", async (options, fault) => {
    await expectRefusal(() => check(options), Error, `resume: ${path}: ${fault}; ${REPAIR}`);
  });

  test("of another version: those that this one lacks are refused, more besides the options isn't", async () => {
    await expectRefusal(
      () => check({ momentum: 1 }, "99.0.0"),
      Error,
      `resume: ${path}: digits has no option "momentum": it was begun by version 99.0.0, this is ${version}; ${REPAIR}`,
    );
    expect(check({}, "99.0.0")).toEqual(OPTIONS);
    const text = JSON.stringify({ ...FILE, options: { model: "mlp" }, version: "99.0.0", machine: "mine" });
    expect(await said(text)).toContain('"epochs" is missing');
  });
});

test("how far a training is", () => {
  expect(placeText({ epoch: 0, step: 1 }, 5)).toBe("in epoch 1 of 5, after 1 update");
  expect(placeText({ epoch: 2, step: 1234 }, 5)).toBe("in epoch 3 of 5, after 1,234 updates");
  expect(placeText({ epoch: 5, step: 2345 }, 5)).toBe("after the last epoch, with 2,345 updates");
});
