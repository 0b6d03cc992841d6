// Saving is safe: whatever happens meanwhile, a file is the old one or the new one. With real processes, disks and permissions.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { loadModel, modelToBytes, saveModel } from "../../src/files.ts";
import { adam, dense, meanSquaredError, type Model, sequential, Trainer } from "../../src/index.ts";
import { replaceFile } from "../../src/io/replaceFile.ts";
import { expectRefusal } from "../support/refusals.ts";

/** How often a process is killed while it saves: `npm run test:long` does it more often. */
const KILLS = process.env["LONG"] === undefined ? 25 : 200;

let all: string;
let folder: string;
let path: string;
beforeAll(async () => void (all = await mkdtemp(join(tmpdir(), "wasmgrad-saving-"))));
beforeEach(async () => {
  folder = await mkdtemp(join(all, "test-"));
  path = join(folder, "model.safetensors");
});
afterAll(() => rm(all, { recursive: true, force: true }));

/** A model whose biases are all this number. */
async function modelOf(value: number, units = 3): Promise<Model> {
  const model = await sequential({ input: units }, dense(units));
  model.parameters()[1]!.set(new Float32Array(units).fill(value));
  return model;
}

/** The number in a file, all of whose biases are the same. */
async function valueIn(file: string): Promise<number> {
  const model = await loadModel(file);
  const values = new Set(model.parameters()[1]!.get());
  expect(values.size).toBe(1);
  return [...values][0]!;
}

const built = (name: string): string => pathToFileURL(join(import.meta.dirname, "../../build", name)).href;

/** A program that has the library as users get it, and a model of 1.4 MB. */
const PROGRAM = `
import { dense, sequential } from ${JSON.stringify(built("index.js"))};
import { loadModel, saveModel } from ${JSON.stringify(built("files.js"))};
import { chmodSync, readdirSync } from "node:fs";
const [path, first = "0", step = "1"] = process.argv.slice(1);
const model = await sequential({ input: 600 }, dense(600));
const bias = model.parameters()[1];
const set = (value) => bias.set(new Float32Array(600).fill(value));
`;
const argumentsFor = (code: string, ...words: string[]): string[] => [
  "--input-type=module",
  "-e",
  `${PROGRAM}${code}`,
  ...words,
];
const FOR_EVER = `
for (let i = Number(first); ; i += Number(step)) {
  set(i);
  await saveModel(model, path);
  if (i === Number(first)) console.log("saved");
}`;

/** Saves for ever, from the first save that is complete. */
async function saving(...words: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, argumentsFor(FOR_EVER, ...words), { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** Runs a program to its end. */
function run(code: string, ...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, argumentsFor(code, ...words), { encoding: "utf8" });
}

describe("a process that ends", () => {
  test(`killed ${KILLS} times while it writes over a good file, it leaves the old one or the new one`, async () => {
    let before = -1;
    for (let i = 0; i < KILLS; i++) {
      const child = await saving(path, String(1000 * i));
      await new Promise((resolve) => setTimeout(resolve, (i * 7) % 41)); // at other moments of a save each time
      await kill(child);
      const value = await valueIn(path);
      expect(value).toBeGreaterThan(before);
      expect(Math.floor(value / 1000)).toBe(i);
      before = value;
      // the next process removes what the one before it left behind
      const rests = (await readdir(folder)).filter((name) => name !== "model.safetensors");
      expect(rests.length).toBeLessThanOrEqual(1);
      for (const name of rests) expect(name).toMatch(/^\.wasmgrad-[0-9a-f]{8}-\d+-[0-9a-f]{16}\.tmp$/);
    }
    await saveModel(await modelOf(1), path);
    expect(await readdir(folder)).toEqual(["model.safetensors"]);
  }, 900_000);

  test("two of them that save to one path never mix", async () => {
    const children = await Promise.all([saving(path, "0", "2"), saving(path, "1", "2")]);
    const seen = new Set<number>();
    for (let i = 0; i < 40; i++) seen.add((await valueIn(path)) % 2);
    await Promise.all(children.map(kill));
    expect([...seen].every((value) => value === 0 || value === 1)).toBe(true);
    await valueIn(path);
  }, 300_000);

  test("of its own before a save that isn't awaited is done: the save is finished first", async () => {
    expect(run("set(7); saveModel(model, path);", path).stderr).toBe("");
    expect(await valueIn(path)).toBe(7);
  });

  test("a save that isn't awaited and fails ends it with the words of the error", async () => {
    const nowhere = join(folder, "missing", "model.safetensors");
    const { status, stderr } = run(
      'saveModel(model, path); setTimeout(() => console.log("went on"), 60_000);',
      nowhere,
    );
    expect(status).toBe(1);
    expect(stderr).toContain(`saveModel: ${nowhere}: the folder doesn't exist; make it first`);
  });
});

describe("several saves at once", () => {
  test("of one file: the last call counts, whatever the order of what they wait for", async () => {
    for (let round = 0; round < 5; round++) {
      const model = await modelOf(0, 100);
      const saves: Promise<void>[] = [];
      for (let i = 1; i <= 30; i++) {
        model.parameters()[1]!.set(new Float32Array(100).fill(i));
        saves.push(saveModel(model, path));
      }
      await Promise.all(saves);
      expect(await valueIn(path)).toBe(30);
    }
    expect(await readdir(folder)).toEqual(["model.safetensors"]);
  });

  test("of one file by two names", async () => {
    await saveModel(await modelOf(0), path);
    await symlink("model.safetensors", join(folder, "link"));
    const saves = [];
    for (let i = 1; i <= 10; i++) {
      saves.push(saveModel(await modelOf(i), i % 2 === 0 ? path : join(folder, "link")));
    }
    await Promise.all(saves);
    expect(await valueIn(path)).toBe(10);
  });

  test("each that is awaited is in the file by then, or one that came later", async () => {
    const models = await Promise.all([1, 2, 3].map((value) => modelOf(value)));
    const seen = models.map(async (model) => {
      await saveModel(model, path);
      return valueIn(path);
    });
    const values = await Promise.all(seen);
    values.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(i + 1));
  });

  test("of different files", async () => {
    const paths = Array.from({ length: 10 }, (_, i) => join(folder, `${i}.safetensors`));
    await Promise.all(paths.map(async (each, i) => saveModel(await modelOf(i), each)));
    for (const [i, each] of paths.entries()) expect(await valueIn(each)).toBe(i);
    expect((await readdir(folder)).length).toBe(10);
  });

  test("one that fails doesn't stop those after it", async () => {
    const made = join(folder, "later");
    const file = join(made, "model.safetensors");
    const first = saveModel(await modelOf(1), file);
    await expectRefusal(() => first, Error, /the folder doesn't exist/);
    await mkdir(made);
    await saveModel(await modelOf(2), file);
    expect(await valueIn(file)).toBe(2);
  });
});

test("in a hook that doesn't wait, the weights are those of that epoch", async () => {
  const model = await sequential({ input: 2, seed: 3 }, dense(200), dense(1));
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam() });
  const saves: Promise<void>[] = [];
  const then: string[] = [];
  const onEpochEnd = (epoch: number): void => {
    then.push(model.fingerprint());
    saves.push(saveModel(model, join(folder, `${epoch}.safetensors`)));
  };
  await trainer.fit({ x: [[0, 1], [1, 0]], y: [1, 2] }, { epochs: 8, callbacks: [{ onEpochEnd }] }); // prettier-ignore
  await Promise.all(saves);
  expect(new Set(then).size).toBe(8);
  const files = (await readdir(folder)).toSorted();
  expect(files.length).toBe(8);
  const saved = await Promise.all(files.map(async (name) => (await loadModel(join(folder, name))).fingerprint()));
  expect(saved).toEqual(then);
});

describe("what stays", () => {
  test("the mode and the owner of the file", async () => {
    await saveModel(await modelOf(1), path);
    expect((await stat(path)).mode & 0o777).toBe(0o666 & ~process.umask());
    for (const mode of [0o600, 0o640, 0o755]) {
      await chmod(path, mode);
      if (process.getuid?.() === 0) await chown(path, 1234, 4321);
      await saveModel(await modelOf(2), path);
      const { mode: now, uid, gid } = await stat(path);
      expect(now & 0o7777).toBe(mode);
      if (process.getuid?.() === 0) expect([uid, gid]).toEqual([1234, 4321]);
    }
  });

  test("links, to files that are there or not", async () => {
    await mkdir(join(folder, "models"));
    await symlink("models/a.safetensors", join(folder, "link"));
    await symlink("link", join(folder, "linkToLink"));
    for (const value of [1, 2]) {
      await saveModel(await modelOf(value), join(folder, "linkToLink"));
      expect((await lstat(join(folder, "link"))).isSymbolicLink()).toBe(true);
      expect((await lstat(join(folder, "models/a.safetensors"))).isFile()).toBe(true);
      expect(await valueIn(join(folder, "models/a.safetensors"))).toBe(value);
      expect(await readdir(join(folder, "models"))).toEqual(["a.safetensors"]);
    }
  });

  test("devices, which are written to", async () => {
    await saveModel(await modelOf(1), "/dev/null");
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  });

  test("the folder that a relative path was meant in", async () => {
    const { stderr } = run('process.chdir(path); saveModel(model, "model.safetensors"); process.chdir("/");', folder);
    expect(stderr).toBe("");
    expect(await readdir(folder)).toEqual(["model.safetensors"]);
  });

  test("temporary files of others, unless they are older than an hour", async () => {
    const names = ["00000001-12-0123456789abcdef", "00000002-12-0123456789abcdef"].map((n) => `.wasmgrad-${n}.tmp`);
    for (const name of [...names, ".wasmgrad-notes.tmp"]) await writeFile(join(folder, name), "x");
    const past = new Date(Date.now() - 2 * 3_600_000);
    await utimes(join(folder, names[1]!), past, past);
    await utimes(join(folder, ".wasmgrad-notes.tmp"), past, past);
    await saveModel(await modelOf(1), path);
    expect((await readdir(folder)).toSorted()).toEqual([names[0], ".wasmgrad-notes.tmp", "model.safetensors"]);
  });
});

test("a path can be a URL", async () => {
  await saveModel(await modelOf(5), pathToFileURL(path));
  expect((await loadModel(pathToFileURL(path))).fingerprint()).toBe((await modelOf(5)).fingerprint());
});

/** A good file, refused writes, and the good file again. */
async function expectKept(call: () => Promise<unknown>, code: string, message: string | RegExp): Promise<void> {
  const before = await readdir(folder);
  let error: unknown;
  await call().catch((thrown: unknown) => void (error = thrown));
  expect(error).toBeInstanceOf(Error);
  const { message: text, cause, code: given } = error as NodeJS.ErrnoException;
  if (typeof message === "string") expect(text).toBe(message);
  else expect(text).toMatch(message);
  expect(given).toBe(code);
  expect(cause).toBeInstanceOf(Error);
  expect(await readdir(folder)).toEqual(before);
}

describe("refused, with the path, in words", () => {
  const model = modelOf(1);

  test("a folder that doesn't exist", async () => {
    const file = join(folder, "missing/model.safetensors");
    await expectKept(
      async () => saveModel(await model, file),
      "ENOENT",
      `saveModel: ${file}: the folder doesn't exist; make it first, as by mkdir(dirname(path), { recursive: true }) (ENOENT)`,
    );
  });

  test("a folder in place of a file", async () => {
    for (const file of [folder, `${folder}/`, join(folder, "new/")]) {
      const message = `saveModel: ${file}: this is a folder; give the path of a file (EISDIR)`;
      await expectKept(async () => saveModel(await model, file), "EISDIR", message);
    }
  });

  test("a file in place of a folder", async () => {
    await writeFile(path, "x");
    const file = join(path, "model.safetensors");
    const message = `saveModel: ${file}: a part of the path is a file, not a folder (ENOTDIR)`;
    await expectKept(async () => saveModel(await model, file), "ENOTDIR", message);
  });

  test("links in a circle, and names that are too long", async () => {
    await symlink("circle", join(folder, "circle"));
    await expectKept(async () => saveModel(await model, join(folder, "circle")), "ELOOP", /its links lead in a circle/);
    const long = join(folder, "x".repeat(300));
    await expectKept(async () => saveModel(await model, long), "ENAMETOOLONG", /the name is too long/);
  });

  test("what is no path or no model", async () => {
    const given = await model;
    const rule = "saveModel: the path must be a file's path, got";
    await expectRefusal(() => saveModel(given, ""), TypeError, `${rule} the string ""`);
    await expectRefusal(() => saveModel(given, undefined as never), TypeError, `${rule} undefined`);
    await expectRefusal(
      () => saveModel(path as never, given as never),
      TypeError,
      /^saveModel: the first argument must be a model/,
    );
    await expectRefusal(
      () => saveModel(model as never, path),
      TypeError,
      /^saveModel: the first argument must be a model.*await/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test("a disk that is full: the good file stays", async () => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    const code = `
      set(1);
      await saveModel(model, path);
      set(2);
      const saved = await saveModel(model, path).catch((error) => [error.message, error.code, error.cause.code]);
      const again = await loadModel(path);
      console.log(JSON.stringify([saved, again.parameters()[1].get()[5], readdirSync(${JSON.stringify(disk)})]));`;
    // room for one file of 1.4 MB, not for two
    const mount = `mount -t tmpfs -o size=2m tmpfs ${disk} && exec "$@"`;
    const words = [
      "-rm",
      "sh",
      "-c",
      mount,
      "sh",
      process.execPath,
      ...argumentsFor(code, join(disk, "m.safetensors")),
    ];
    const { status, stdout, stderr } = spawnSync("unshare", words, { encoding: "utf8" });
    if (status !== 0 && /unshare|mount/.test(stderr) && process.env["CI"] === undefined) return; // not allowed here
    expect(stderr).toBe("");
    const [saved, value, files] = JSON.parse(stdout) as [string[], number, string[]];
    expect(saved).toEqual([
      `saveModel: ${join(disk, "m.safetensors")}: no space is left for 1.44 MB; the old file stays until the new one is complete (ENOSPC)`,
      "ENOSPC",
      "ENOSPC",
    ]);
    expect([value, files]).toEqual([1, ["m.safetensors"]]);
  });

  test("more than a file may have: the good file stays", async () => {
    await saveModel(await model, path);
    const code = `
      const saved = await saveModel(model, path).catch((error) => [error.message, error.code]);
      console.log(JSON.stringify(saved));`;
    const words = ["-c", 'ulimit -f 512; exec "$@"', "sh", process.execPath, ...argumentsFor(code, path)];
    const { stdout, stderr } = spawnSync("sh", words, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([
      `saveModel: ${path}: 1.44 MB is more than a file may have here (EFBIG)`,
      "EFBIG",
    ]);
    expect(await valueIn(path)).toBe(1);
    expect(await readdir(folder)).toEqual(["model.safetensors"]);
  });

  test("a folder or a file that may not be written to: the good file stays", async () => {
    await saveModel(await model, path);
    const bytes = await readFile(path);
    // root may do everything: the program becomes nobody
    const code = `
      if (process.getuid() === 0) process.setuid(65534);
      const saved = await saveModel(model, path).catch((error) => [error.message, error.code]);
      console.log(JSON.stringify(saved));`;
    const why =
      "no permission to write here; the file and its folder must be writable, as a new file takes the old one's place";
    await chmod(all, 0o755);
    for (const [folderMode, fileMode] of [
      [0o555, 0o666],
      [0o777, 0o444],
    ] as const) {
      await chmod(folder, folderMode);
      await chmod(path, fileMode);
      const { stdout, stderr } = run(code, path);
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toEqual([`saveModel: ${path}: ${why} (EACCES)`, "EACCES"]);
    }
    await chmod(folder, 0o755);
    expect(await readFile(path)).toEqual(bytes);
    expect(await readdir(folder)).toEqual(["model.safetensors"]);
  });

  test("a model whose parameters aren't finite, before the file is touched", async () => {
    await saveModel(await model, path);
    const bytes = await readFile(path);
    const broken = await modelOf(1);
    broken.core.arena.f32[broken.run.address / 4] = NaN;
    await expectRefusal(() => saveModel(broken, path), Error, /^modelToBytes: parameters must be finite/);
    expect(await readFile(path)).toEqual(bytes);
  });
});

test("the bytes are those of the call, whatever becomes of the array", async () => {
  // saveModel's own array is nobody else's; here it is the model that changes
  const model = await modelOf(1);
  const expected = modelToBytes(model);
  const saved = saveModel(model, path);
  model.parameters()[1]!.set([9, 9, 9]);
  await saved;
  expect(new Uint8Array(await readFile(path))).toEqual(expected);
});

test("other errors keep the system's words", async () => {
  const call = (): Promise<void> => replaceFile("save", join(folder, "a\0b"), new Uint8Array(1));
  await expectRefusal(
    call,
    Error,
    /^save: .*: it can't be written: The argument 'path' must be .* \(ERR_INVALID_ARG_VALUE\)$/,
  );
});
