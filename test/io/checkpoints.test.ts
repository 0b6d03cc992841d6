// A folder of checkpoints is safe: what is read is whole, one training has it at a time, and nothing that a killed process leaves
// behind stops the next one. With real processes, signals, disks and permissions.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { checkpoints, type FolderCheckpoints, readCheckpoint } from "../../src/files.ts";
import { checkpoint, dense, meanSquaredError, sequential, sgd, Trainer } from "../../src/index.ts";
import type { CheckpointStore } from "../../src/index.ts";
import { writeCheckpoint } from "../../src/io/checkpointFile.ts";
import { expectRefusal } from "../support/refusals.ts";

let all: string;
let folder: string;
let store: FolderCheckpoints;
const children: ChildProcess[] = [];
beforeAll(async () => void (all = await realpath(await mkdtemp(join(tmpdir(), "wasmgrad-checkpoints-")))));
beforeEach(async () => {
  folder = join(await mkdtemp(join(all, "test-")), "run");
  store = checkpoints(folder);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  vi.restoreAllMocks();
});
const watching: Promise<unknown>[] = [];
afterAll(async () => {
  await Promise.all(watching);
  await rm(all, { recursive: true, force: true });
});

const LOCK = ".wasmgrad.lock";

/** A checkpoint after so many updates. */
const bytesOf = (step: number, size = 8): Uint8Array =>
  writeCheckpoint({
    of: ["a model"],
    step,
    epoch: 1,
    batch: 0,
    ended: false,
    history: { loss: [0.5] },
    state: new Uint8Array(size).fill(step),
  });

const write = (step: number, best = false, into = store): Promise<void> =>
  into.write(bytesOf(step), { step, epoch: 1, best });

/** Updates of the checkpoint that `latest` or `best` gives. */
async function stepOf(bytes: Promise<Uint8Array | undefined>): Promise<number | undefined> {
  const found = await bytes;
  return found && (await readCheckpoint(found)).step;
}

/** What is said by `console.warn`. */
function warnings(): string[] {
  const said: string[] = [];
  vi.spyOn(console, "warn").mockImplementation((text: string) => void said.push(text));
  return said;
}

async function damage(name: string): Promise<void> {
  const path = join(folder, name);
  const bytes = await readFile(path);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path, bytes);
}

const nameOf = (number: number, step: number, best = ""): string =>
  `checkpoint-${String(number).padStart(6, "0")}-step-${String(step).padStart(9, "0")}${best && `-${best}`}.safetensors`;

const built = (name: string): string => pathToFileURL(join(import.meta.dirname, "../../build", name)).href;
const PROGRAM = `
import { checkpoints } from ${JSON.stringify(built("files.js"))};
import { readdirSync, writeFileSync } from "node:fs";
const [folder] = process.argv.slice(1);
const store = checkpoints(folder);
const info = { step: 7, epoch: 1, best: false };
const inWords = (error) => [error.message, error.code];
`;
const argumentsFor = (code: string, ...words: string[]): string[] => [
  "--input-type=module",
  "-e",
  `${PROGRAM}${code}`,
  ...words,
];
const HOLDS = `
const release = await store.open();
console.log("open");
process.stdin.on("data", async (text) => {
  if (String(text) === "release") await release();
  console.log(JSON.stringify(await store.write(new Uint8Array(3), info).catch(inWords) ?? "written"));
});`;

const FOR_EVER = `
await store.open();
console.log("open");
setInterval(() => {}, 1000);`;

/** A program that has begun: it has said its first line. */
async function started(code: string, ...words: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, argumentsFor(code, ...words), { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout, "data");
  return child;
}

/** What a program answers. */
async function ask(child: ChildProcess, text: string): Promise<unknown> {
  const answer = once(child.stdout!, "data");
  child.stdin!.write(text);
  return JSON.parse(String((await answer)[0])) as unknown;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

function run(code: string, ...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, argumentsFor(code, ...words), { encoding: "utf8" });
}

/** How many seconds it takes. */
async function seconds(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return (performance.now() - start) / 1000;
}

/** Watches no lock: on a machine of any speed it is over before one that is begun earlier, and has to watch for ten seconds. */
async function atOnce(call: () => Promise<unknown>): Promise<void> {
  const watched = await mkdtemp(join(all, "watched-"));
  await writeFile(join(watched, LOCK), '{"token":"0123');
  let over = false;
  const open = async (): Promise<void> => {
    const release = await checkpoints(watched).open();
    over = true;
    await release();
  };
  watching.push(open());
  await call();
  expect(over).toBe(false);
}

const inUse = (pid: unknown): RegExp =>
  new RegExp(
    `^checkpoint: ${folder} is in use by another training \\(process ${String(pid)}, since \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\); give each training a folder of its own$`,
  );

test("it is a store: a training that has ended gives its history again from the folder", async () => {
  const each: CheckpointStore = store;
  const fitted = async (): Promise<[history: object, updates: number, fingerprint: string]> => {
    const model = await sequential({ input: 1, seed: 1 }, dense(1));
    const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: sgd() });
    let made = 0;
    const counts = { onBatchEnd: () => void made++ };
    const options = { epochs: 2, resumeFrom: each, callbacks: [counts, checkpoint(each)] };
    const history = await trainer.fit({ x: [[0], [1]], y: [1, 2] }, options);
    return [history, made, model.fingerprint()];
  };
  const [history, updates, fingerprint] = await fitted();
  expect(updates).toBe(2);
  expect(await fitted()).toEqual([history, 0, fingerprint]);
});

describe("files", () => {
  test("have numbers that grow, the updates, and say which is the best", async () => {
    expect(await store.latest()).toBeUndefined();
    expect(await store.best()).toBeUndefined();
    expect(existsSync(folder)).toBe(false); // reading makes nothing
    await write(469);
    await write(938, true);
    expect(await readdir(folder)).toEqual([nameOf(1, 469), nameOf(2, 938, "best")]);
    expect(await stepOf(store.latest())).toBe(938);
    await write(20); // a training that begins again
    expect(await stepOf(store.latest())).toBe(20);
    expect(await stepOf(store.best())).toBe(938);
  });

  test("are the bytes that were given, and are given back as they are", async () => {
    const bytes = bytesOf(3, 100_000);
    await store.write(bytes, { step: 3, epoch: 1, best: false });
    const found = (await store.latest())!;
    expect(Buffer.compare(found, bytes)).toBe(0);
    expect(Object.getPrototypeOf(found)).toBe(Uint8Array.prototype);
  });

  test("are those of the last, and the best one: older ones are removed", async () => {
    store = checkpoints(folder, { keepLast: 2 });
    for (let step = 1; step <= 3; step++) await write(step, step < 3);
    expect(await readdir(folder)).toEqual([nameOf(2, 2, "best"), nameOf(3, 3)]);
    for (let step = 4; step <= 6; step++) await write(step);
    expect(await readdir(folder)).toEqual([nameOf(2, 2, "best"), nameOf(5, 5), nameOf(6, 6)]);
    await write(7, true);
    expect(await readdir(folder)).toEqual([nameOf(6, 6), nameOf(7, 7, "best")]);
  });

  test("are three by default, or one", async () => {
    for (let step = 1; step <= 5; step++) await write(step);
    expect((await readdir(folder)).length).toBe(3);
    store = checkpoints(folder, { keepLast: 1 });
    await write(6);
    expect(await readdir(folder)).toEqual([nameOf(6, 6)]);
  });

  test("of other names stay", async () => {
    const others = [
      "notes.txt",
      "checkpoint-000001-step-000000001.safetensors.bak",
      "my-checkpoint-000001-step-000000001.safetensors",
      "checkpoint-000001-step-000000001-worst.safetensors",
      "checkpoint-1-step-1.safetensors",
    ];
    await mkdir(folder);
    for (const name of others) await writeFile(join(folder, name), "x");
    await mkdir(join(folder, nameOf(1, 1))); // a folder of such a name
    store = checkpoints(folder, { keepLast: 1 });
    await write(5);
    await write(6);
    expect((await readdir(folder)).toSorted()).toEqual([...others, nameOf(1, 1), nameOf(3, 6)].toSorted());
  });

  test("are sorted by their numbers, which may have more digits", async () => {
    await mkdir(folder);
    for (const [number, step] of [
      [999_999, 1],
      [1_000_000, 2],
      [10_000_000, 3],
      [9_999_999, 4],
    ] as const)
      await writeFile(join(folder, nameOf(number, step)), bytesOf(step));
    await writeFile(join(folder, `checkpoint-99999999999999999998-step-000000005.safetensors`), bytesOf(5));
    expect(await stepOf(store.latest())).toBe(5);
    await write(2 ** 53 - 1);
    expect((await readdir(folder)).toSorted()).toEqual([
      nameOf(10_000_000, 3),
      "checkpoint-99999999999999999998-step-000000005.safetensors",
      "checkpoint-99999999999999999999-step-9007199254740991.safetensors",
    ]);
  });

  test("come in the order of the calls, also from several stores of a folder at once", async () => {
    const writes = Array.from({ length: 12 }, (_, i) => write(i));
    const other = checkpoints(folder);
    writes.push(write(100, false, other), write(101, true, other));
    await Promise.all(writes);
    const names = await readdir(folder);
    expect(names.filter((name) => !name.includes("best")).length).toBeLessThanOrEqual(3);
    expect(Math.max(...names.map((name) => Number(name.slice(11, 17))))).toBe(14);
    const steps: (number | undefined)[] = [];
    for (let i = 0; i < 4; i++) {
      await write(i);
      steps.push(await stepOf(store.latest()));
    }
    expect(steps).toEqual([0, 1, 2, 3]);
  });

  test("are in a folder with a name of any letters, behind a link, by a URL, or by a relative path of then", async () => {
    const odd = join(folder, "of a run", "每 日 ü#%?");
    const steps: Promise<number | undefined>[] = [];
    await write(1, false, checkpoints(odd));
    steps.push(stepOf(checkpoints(odd).latest()), stepOf(checkpoints(pathToFileURL(odd)).latest()));
    await symlink(odd, join(folder, "link"));
    const linked = checkpoints(join(folder, "link"));
    const release = await linked.open();
    await expectRefusal(() => checkpoints(odd).open(), Error, /is in use by another training/);
    await write(2, false, linked);
    await release();
    expect(await stepOf(checkpoints(odd).latest())).toBe(2);
    expect(await Promise.all(steps)).toEqual([1, 1]);
    const { stdout, stderr } = run(
      `process.chdir(folder);
      const relative = checkpoints("of a run/here");
      process.chdir("/");
      await relative.write(new Uint8Array(3), info);
      console.log(readdirSync(folder + "/of a run/here"));`,
      folder,
    );
    expect(stderr).toBe("");
    expect(stdout).toContain(nameOf(1, 7));
  });

  test("that another process removes meanwhile are no error", async () => {
    const { log } = console;
    for (let step = 1; step <= 4; step++) await write(step);
    // what is listed is gone when it is read
    const fs = process.getBuiltinModule("node:fs/promises");
    const readFileBefore = fs.readFile;
    let reads = 0;
    vi.spyOn(fs, "readFile").mockImplementation((async (path: string, ...rest: never[]) => {
      if (String(path).endsWith(".safetensors") && reads++ === 0) {
        for (const name of await readdir(folder)) await unlink(join(folder, name));
        await writeFile(join(folder, nameOf(9, 9)), bytesOf(9));
      }
      return readFileBefore(path, ...rest);
    }) as never);
    expect(await stepOf(store.latest())).toBe(9);
    expect(reads).toBe(2);
    vi.restoreAllMocks();
    // what is to be removed is gone
    vi.spyOn(fs, "rm").mockImplementation(async () => {
      throw Object.assign(new Error("gone"), { code: "ENOENT" });
    });
    for (let step = 1; step <= 5; step++) await write(step);
    expect(log).toBe(console.log);
  });
});

describe("a damaged file", () => {
  test("is passed over, with a warning that names it", async () => {
    for (let step = 1; step <= 3; step++) await write(step);
    await damage(nameOf(3, 3));
    const said = warnings();
    expect(await stepOf(store.latest())).toBe(2);
    expect(said.length).toBe(1);
    expect(said[0]).toMatch(
      /^checkpoints: .*checkpoint-000003-step-000000003\.safetensors: the file is damaged: its checksum .*; the checkpoint before it is used$/,
    );
    await writeFile(join(folder, nameOf(2, 2)), "");
    expect(await stepOf(store.latest())).toBe(1);
    expect(said.length).toBe(3);
    expect(said[2]).toContain("step-000000002.safetensors: not a safetensors file");
  });

  test("is passed over if it is a folder, or a link to nothing", async () => {
    await write(1);
    await mkdir(join(folder, nameOf(5, 5)));
    await symlink("nowhere", join(folder, nameOf(6, 6)));
    await symlink(nameOf(7, 7), join(folder, nameOf(7, 7)));
    const said = warnings();
    expect(await stepOf(store.latest())).toBe(1);
    expect(said.map((text) => text.slice(`checkpoints: ${folder}/`.length))).toEqual([
      `${nameOf(7, 7)}: its links lead in a circle (ELOOP); the checkpoint before it is used`,
      `${nameOf(6, 6)}: the file isn't there; the checkpoint before it is used`,
      `${nameOf(5, 5)}: this is a folder, not a file (EISDIR); the checkpoint before it is used`,
    ]);
  });

  test("that is the only one, or all of them, are refused", async () => {
    await write(1);
    await damage(nameOf(1, 1));
    const said = warnings();
    const start = `checkpoints: ${folder}: there`;
    const end = ". Take another copy of the folder, or remove it to begin anew";
    const one = await store.latest().catch((error: unknown) => error as Error);
    expect(
      (one as Error).message.startsWith(`${start} is one checkpoint, but it isn't whole. The newest: ${folder}`),
    ).toBe(true);
    expect((one as Error).message.endsWith(end)).toBe(true);
    expect((one as Error).cause).toBeInstanceOf(Error);
    await write(2);
    await damage(nameOf(2, 2));
    await expectRefusal(
      () => store.latest(),
      Error,
      /are 2 checkpoints, but none is whole\. The newest: .*step-000000002\.safetensors: the file is damaged/,
    );
    expect(said.length).toBe(1);
    await write(3); // the next one is whole
    expect(await stepOf(store.latest())).toBe(3);
  });

  test("that is the best one: the best before it, or none", async () => {
    for (let step = 1; step <= 3; step++) await write(step, step < 3);
    await damage(nameOf(2, 2, "best"));
    const said = warnings();
    expect(await stepOf(store.best())).toBe(1);
    await damage(nameOf(1, 1, "best"));
    expect(await store.best()).toBeUndefined();
    expect(said.map((text) => text.slice(text.lastIndexOf(";")))).toEqual([
      "; the best one before it is used",
      "; the best one before it is used",
      "; there is no other best one",
    ]);
    expect(await stepOf(store.latest())).toBe(3);
  });
});

describe("a folder has one training at a time", () => {
  test("in a process, by whichever store; what was released is free", async () => {
    const release = await store.open();
    for (const other of [store, checkpoints(folder)])
      await expectRefusal(() => other.open(), Error, inUse(process.pid));
    await write(1);
    const releasing = release();
    expect(release()).toBeInstanceOf(Promise);
    const again = await checkpoints(folder).open(); // waits for it
    await releasing;
    await release();
    await expectRefusal(() => store.open(), Error, inUse(process.pid));
    expect(await readdir(folder)).toContain(LOCK);
    await again();
    expect(await readdir(folder)).toEqual([nameOf(1, 1)]);
  });

  test("of several that begin at once, one", async () => {
    const opened = await Promise.allSettled(Array.from({ length: 8 }, () => checkpoints(folder).open()));
    const [first, ...rest] = opened.filter(({ status }) => status === "fulfilled");
    expect(rest).toEqual([]);
    await (first as PromiseFulfilledResult<() => Promise<void>>).value();
  });

  test("of several processes that find a dead one's lock at once, one", async () => {
    const opens = `
      console.log("ready");
      let release;
      for await (const text of process.stdin) {
        let answer = "open";
        if (String(text) === "release") await release();
        else await store.open().then((given) => (release = given), (error) => (answer = inWords(error)));
        console.log(JSON.stringify(answer));
      }`;
    const others = await Promise.all(Array.from({ length: 5 }, () => started(opens, folder)));
    const { pid } = spawnSync("true");
    for (let i = 0; i < 20; i++) {
      const own = join(folder, LOCK);
      const release = await store.open();
      const lock = JSON.parse(await readFile(own, "utf8")) as object;
      await release();
      await writeFile(own, JSON.stringify({ ...lock, pid, token: String(i).padStart(32, "0") }));
      const answers = await Promise.all(others.map((other) => ask(other, "now")));
      expect(answers.filter((answer) => answer === "open").length).toBe(1);
      for (const answer of answers) if (answer !== "open") expect((answer as string[])[0]).toMatch(inUse("\\d+"));
      expect(await readdir(folder)).toEqual([LOCK]);
      await ask(others[answers.indexOf("open")]!, "release");
    }
  });

  test("and without listeners once that is over", async () => {
    const before = process.listenerCount("exit");
    const said: Error[] = [];
    const listen = (warning: Error): void => void said.push(warning);
    process.on("warning", listen);
    const releases = await Promise.all(
      Array.from({ length: 15 }, (_, i) => checkpoints(join(folder, String(i))).open()),
    );
    expect(process.listenerCount("exit")).toBe(before + 1);
    for (const release of releases) await release();
    expect(process.listenerCount("exit")).toBe(before);
    await writeFile(folder + ".file", "x");
    await expectRefusal(() => checkpoints(folder + ".file").open(), Error, /\(EEXIST\)$/);
    expect(process.listenerCount("exit")).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("warning", listen);
    expect(said).toEqual([]);
  });

  test("imported and required copies of the library know of each other", async () => {
    const require = createRequire(import.meta.url);
    const copy = require("../../build/cjs/files.js") as { checkpoints: typeof checkpoints };
    const release = await copy.checkpoints(folder).open();
    await atOnce(() => expectRefusal(() => store.open(), Error, inUse(process.pid)));
    await release();
    await (
      await store.open()
    )();
  });

  test("another process is refused at once, and told who has it", async () => {
    const child = await started(HOLDS, folder);
    await expectRefusal(() => store.open(), Error, inUse(child.pid));
    child.kill("SIGSTOP"); // it is there all the same
    await expectRefusal(() => store.open(), Error, inUse(child.pid));
    child.kill("SIGCONT");
    expect(await ask(child, "release")).toBe("written");
    await (
      await store.open()
    )();
  });

  test("a killed one refuses nobody, for no moment", async () => {
    for (let i = 0; i < 3; i++) {
      const child = await started(HOLDS, folder);
      await kill(child);
      expect(await readdir(folder)).toEqual([LOCK]);
    }
    await atOnce(async () => (await store.open())());
    expect(await readdir(folder)).toEqual([]);
  });

  test("nor does one that was killed while it took a dead one's lock over", async () => {
    const path = join(folder, LOCK);
    await kill(await started(HOLDS, folder));
    const { token } = JSON.parse(await readFile(path, "utf8")) as { token: string };
    const text = await readFile(path, "utf8");
    const another = "0123456789abcdef".repeat(2);
    // it had the right to take the lock over, and so had one before it, which was killed as well
    await writeFile(`${path}.${token}`, text.replace(token, another));
    await writeFile(`${path}.${token}.${another}`, text.replace(token, "f".repeat(32)));
    await writeFile(`${path}.${"e".repeat(32)}`, text);
    await atOnce(async () => (await store.open())());
    expect(await readdir(folder)).toEqual([]);
  });

  test("neither does one that ended by itself, by an error, or by process.exit", async () => {
    for (const end of ["", "throw new Error('its own');", "process.exit(3);"]) {
      // the lock keeps no process alive
      const { status } = run(`await store.open();${end}`, folder);
      expect(status).toBe(end === "" ? 0 : end.startsWith("throw") ? 1 : 3);
      expect(await readdir(folder)).toEqual([]);
    }
  });

  /** Holds the folder, with a lock that says something else. */
  const changed = async (change: (lock: Record<string, unknown>) => void): Promise<ChildProcess> => {
    const child = await started(HOLDS, folder);
    child.kill("SIGSTOP"); // or it would write over it
    const path = join(folder, LOCK);
    const lock = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    change(lock);
    await writeFile(path, JSON.stringify(lock));
    return child;
  };

  test.skipIf(process.platform !== "linux")("a number of a process that is used again stops nobody", async () => {
    await changed((lock) => (lock["started"] = "1"));
    await atOnce(async () => (await store.open())());
  });

  test.skipIf(process.platform !== "linux")("nor does one that has ended, and whose parent doesn't ask", async () => {
    // a shell that has become another program doesn't wait for its children
    const words = ["-c", '"$0" "$@" & exec sleep 1000', process.execPath, ...argumentsFor(FOR_EVER, folder)];
    const parent = spawn("sh", words, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(parent);
    await once(parent.stdout, "data");
    const { pid } = JSON.parse(await readFile(join(folder, LOCK), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8")))
      await new Promise((resolve) => setTimeout(resolve, 5));
    await atOnce(async () => (await store.open())());
  });

  test("what can't be known is watched: one of another machine that lives is refused", async () => {
    await kill(await started(HOLDS, folder));
    const path = join(folder, LOCK);
    const lock = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    const text = (beat: number): string => JSON.stringify({ ...lock, machine: "00000000", beat });
    await writeFile(path, text(0));
    let beat = 0;
    const beats = setInterval(() => void writeFile(path, text(++beat)), 1000);
    try {
      await expectRefusal(() => store.open(), Error, inUse(lock["pid"]));
    } finally {
      clearInterval(beats);
    }
  });

  test("a stopped one is taken over after ten seconds if nothing is known of it, and then writes no more", async () => {
    const child = await changed((lock) => (lock["machine"] = "00000000"));
    const half = join(all, "half");
    await mkdir(half);
    await writeFile(join(half, LOCK), '{"token":"0123');
    const later = checkpoints(half).open();
    let release!: () => Promise<void>;
    const took = await seconds(async () => void (release = await store.open()));
    expect(took).toBeGreaterThan(9.5);
    // half of a lock, too
    await (
      await later
    )();
    expect(await readdir(half)).toEqual([]);
    await write(1);
    child.kill("SIGCONT");
    const [message, code] = (await ask(child, "write")) as [string, unknown];
    expect(message).toMatch(
      new RegExp(
        `^checkpoint: ${folder} is no longer this training's: another training has taken it over while this one stood still \\(process ${process.pid}, since [\\dT:.Z-]+\\)\\. Nothing is written to it; give each training a folder of its own$`,
      ),
    );
    expect(code).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 2500)); // its signs of life go nowhere
    expect(await ask(child, "release")).toBe("written"); // without a lock
    expect(await readdir(folder)).toContain(LOCK); // it isn't its own to remove
    await write(2);
    await release();
    expect(await readdir(folder)).not.toContain(LOCK);
  }, 300_000);

  test("a thread that was stopped is taken over, one that lives is refused", async () => {
    const worker = new Worker(
      `import(${JSON.stringify(built("files.js"))}).then(async ({ checkpoints }) => {
        await checkpoints(${JSON.stringify(folder)}).open();
        require("node:worker_threads").parentPort.postMessage("open");
        setInterval(() => {}, 1000);
      });`,
      { eval: true },
    );
    await once(worker, "message");
    await expectRefusal(() => store.open(), Error, inUse(process.pid));
    await worker.terminate();
    await (
      await store.open()
    )();
  }, 300_000);

  test("without the lock's file nothing is written", async () => {
    const release = await store.open();
    await unlink(join(folder, LOCK));
    await expectRefusal(
      () => write(1),
      Error,
      `checkpoint: ${folder} is no longer this training's: its file ${LOCK} was removed. Nothing is written to it; give each training a folder of its own`,
    );
    await release();
    await write(1);
  });

  test("a lock says who has it, and beats in place", async () => {
    const release = await store.open();
    const path = join(folder, LOCK);
    const first = await readFile(path, "utf8");
    const { ino } = await stat(path);
    let second = first;
    // it may be read while it is written
    await expect.poll(async () => /"beat": *[1-9]\d*\}\n$/.test((second = await readFile(path, "utf8")))).toBe(true);
    const { beat: _, ...lock } = JSON.parse(second) as Record<string, unknown>;
    expect(second.length).toBe(first.length);
    expect((await stat(path)).ino).toBe(ino);
    expect(Object.keys(lock)).toEqual(["token", "pid", "machine", "boot", "started", "since"]);
    expect(lock["pid"]).toBe(process.pid);
    expect(second).not.toContain(hostname());
    await release();
  });
});

/** A refused call. */
async function expectCode(call: () => Promise<unknown>, code: string, message: string): Promise<void> {
  const error = (await call().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )) as NodeJS.ErrnoException | undefined;
  expect(error?.message).toBe(message);
  expect(error?.code).toBe(code);
  expect(error?.cause).toBeInstanceOf(Error);
}

describe("refused, with the path, in words", () => {
  test("what is no folder's path, or no option", () => {
    const rule = "checkpoints: the directory must be a folder's path or file: URL, got";
    for (const [given, what] of [
      ["", 'the string ""'],
      [undefined, "undefined"],
      [3, "number 3"],
      [new URL("https://example.org/run"), "an object (URL)"],
    ] as const)
      expect(() => checkpoints(given as never)).toThrow(new TypeError(`${rule} ${what}`));
    expect(() => checkpoints(new URL("file:///a%2Fb"))).toThrow(/^checkpoints: file:\/\/\/a%2Fb is no folder's path: /);
    expect(() => checkpoints(folder, { keepLast: 0 })).toThrow(
      new RangeError("checkpoints: keepLast must be a whole number of 1 or more, got 0"),
    );
    expect(() => checkpoints(folder, { keep: 3 } as never)).toThrow(/^checkpoints: unknown option "keep"/);
  });

  test("what can't be written", async () => {
    const info = { step: 1, epoch: 1, best: false };
    const wrong = (bytes: unknown, given: unknown): Promise<void> => store.write(bytes as never, given as never);
    await expectRefusal(() => wrong("x", info), TypeError, /^checkpoints: what is written must be a Uint8Array/);
    await expectRefusal(() => wrong(bytesOf(1), 3), TypeError, /^checkpoints: what is said of a checkpoint must be/);
    await expectRefusal(
      () => wrong(bytesOf(1), { ...info, step: -1 }),
      RangeError,
      "checkpoints: step must be a whole number of 0 or more, got -1",
    );
    await expectRefusal(() => wrong(bytesOf(1), { ...info, best: 1 }), TypeError, /^checkpoints: best must be true/);
    expect(existsSync(folder)).toBe(false);
  });

  test("a path that is a file, or goes through one", async () => {
    await writeFile(folder, "x");
    const why = "a part of the path is a file, not a folder";
    const made = "a part of the path is a file, or a link to nothing, not a folder";
    for (const read of [store.latest, store.best]) {
      await expectCode(() => read(), "ENOTDIR", `checkpoints: ${folder}: ${why} (ENOTDIR)`);
    }
    await expectCode(() => store.open(), "EEXIST", `checkpoints: ${folder}: ${made} (EEXIST)`);
    await expectCode(() => write(1), "EEXIST", `checkpoints: ${folder}: ${made} (EEXIST)`);
    const below = join(folder, "run");
    const through = checkpoints(below);
    for (const call of [through.latest, through.best, through.open]) {
      await expectCode(() => call(), "ENOTDIR", `checkpoints: ${below}: ${why} (ENOTDIR)`);
    }
  });

  test("links to nothing or in a circle, names that are too long or no names", async () => {
    await mkdir(folder);
    await symlink("nowhere", join(folder, "link"));
    await symlink("circle", join(folder, "circle"));
    expect(await checkpoints(join(folder, "link")).latest()).toBeUndefined();
    await expectRefusal(() => checkpoints(join(folder, "link")).open(), Error, /^checkpoints: .*link: .* \(E\w+\)$/);
    await expectRefusal(
      () => checkpoints(join(folder, "circle")).latest(),
      Error,
      /its links lead in a circle \(ELOOP\)/,
    );
    await expectRefusal(() => checkpoints(join(folder, "x".repeat(300))).open(), Error, /the name is too long/);
    await expectRefusal(() => checkpoints(join(folder, "a\0b")).open(), Error, /^checkpoints: .*it can't be opened: /);
    await mkdir(join(folder, LOCK));
    await expectCode(
      () => store.open(),
      "EISDIR",
      `checkpoints: ${folder}: its lock is a folder; remove that (EISDIR)`,
    );
    await rm(join(folder, LOCK), { recursive: true });
    await symlink("nowhere", join(folder, LOCK));
    await expectRefusal(
      () => store.open(),
      Error,
      `checkpoints: ${folder}: its lock is a link to nothing; remove ${LOCK}`,
    );
  });

  test("a folder that may not be read or written to", async () => {
    await write(1);
    // root may do everything: the program becomes nobody
    const code = `
      if (process.getuid() === 0) process.setuid(65534);
      const calls = [() => store.open(), () => store.write(new Uint8Array(3), info), () => store.latest()];
      const said = [];
      for (const call of calls) said.push(await call().then((found) => found && "read", inWords));
      console.log(JSON.stringify(said));`;
    await chmod(all, 0o755);
    await chmod(join(folder, ".."), 0o755);
    for (const [mode, latest] of [
      [0o555, "read"],
      [0o333, [`checkpoints: ${folder}: no permission to read here (EACCES)`, "EACCES"]],
    ] as const) {
      await chmod(folder, mode);
      const { stdout, stderr } = run(code, folder);
      expect(stderr).toBe("");
      const [opened, written, read] = JSON.parse(stdout) as unknown[];
      expect(read).toEqual(latest);
      if (mode === 0o555) {
        expect(opened).toEqual([`checkpoints: ${folder}: no permission to write here (EACCES)`, "EACCES"]);
        expect(written).toEqual([
          `checkpoints: ${join(folder, nameOf(2, 7))}: no permission to write here; the file and its folder must be writable, as a new file takes the old one's place (EACCES)`,
          "EACCES",
        ]);
      } else {
        // what can't be listed has no next number
        expect(written).toEqual(latest);
      }
    }
    await chmod(folder, 0o755);
  });

  /** Runs a program on a file system of its own; undefined if that isn't allowed here. */
  const mounted = (options: string, code: string, then = ""): unknown => {
    const mount = `mount -t tmpfs -o ${options} tmpfs ${folder} ${then} && exec "$@"`;
    const words = ["-rm", "sh", "-c", mount, "sh", process.execPath, ...argumentsFor(code, folder)];
    const { status, stdout, stderr } = spawnSync("unshare", words, { encoding: "utf8" });
    if (status !== 0 && /unshare|mount/.test(stderr) && process.env["CI"] === undefined) return undefined;
    expect(stderr).toBe("");
    return JSON.parse(stdout) as unknown;
  };

  test("a disk that is full: what was there stays, and the lock goes on", async ({ skip }) => {
    await mkdir(folder);
    const answer = mounted(
      "size=1m",
      `
      const release = await store.open();
      await store.write(new Uint8Array(600_000), info);
      const full = await store.write(new Uint8Array(600_000), info).catch(inWords);
      const there = readdirSync(folder);
      await release();
      for (let i = 0; i < 300; i++) try { writeFileSync(folder + "/" + i, new Uint8Array(4096)); } catch {}
      const opened = await store.open().catch(inWords);
      console.log(JSON.stringify([full, there, opened, readdirSync(folder).includes("${LOCK}")]));`,
    );
    if (answer === undefined) skip("file systems can't be mounted here");
    const file = join(folder, nameOf(2, 7));
    expect(answer).toEqual([
      [
        `checkpoints: ${file}: no space is left for 600.0 kB; the old file stays until the new one is complete (ENOSPC)`,
        "ENOSPC",
      ],
      [LOCK, nameOf(1, 7)],
      [`checkpoints: ${folder}: no space is left (ENOSPC)`, "ENOSPC"],
      false,
    ]);
  });

  test("a file system that is read-only: it is read all the same", async ({ skip }) => {
    await mkdir(folder);
    const source = join(all, "whole.safetensors");
    await writeFile(source, bytesOf(4));
    const answer = mounted(
      "size=1m",
      `
      const said = [];
      const below = checkpoints(folder + "/new");
      for (const call of [() => store.open(), () => below.open(), () => store.write(new Uint8Array(3), info), () => store.latest()])
        said.push(await call().then((found) => found && "read", inWords));
      console.log(JSON.stringify(said));`,
      `&& cp ${source} ${folder}/${nameOf(1, 4)} && mount -o remount,ro ${folder}`,
    );
    if (answer === undefined) skip("file systems can't be mounted here");
    expect(answer).toEqual([
      [`checkpoints: ${folder}: the file system is read-only (EROFS)`, "EROFS"],
      [`checkpoints: ${folder}/new: the file system is read-only (EROFS)`, "EROFS"],
      [`checkpoints: ${join(folder, nameOf(2, 7))}: the file system is read-only (EROFS)`, "EROFS"],
      "read",
    ]);
  });

  test("more than a file may have", async () => {
    const code = `
      const release = await store.open();
      console.log(JSON.stringify(await store.write(new Uint8Array(1_000_000), info).catch(inWords)));
      await release();`;
    const words = ["-c", 'ulimit -f 512; exec "$@"', "sh", process.execPath, ...argumentsFor(code, folder)];
    const { stdout, stderr } = spawnSync("sh", words, { encoding: "utf8" });
    expect(stderr).toBe("");
    const file = join(folder, nameOf(1, 7));
    expect(JSON.parse(stdout)).toEqual([
      `checkpoints: ${file}: 1.00 MB is more than a file may have here (EFBIG)`,
      "EFBIG",
    ]);
    expect(await readdir(folder)).toEqual([]);
  });
});

test("killed while it writes, it leaves whole checkpoints", async () => {
  const source = join(all, "large.safetensors");
  await writeFile(source, bytesOf(1, 3_000_000));
  const code = `
    import { readFileSync } from "node:fs";
    await store.open();
    const bytes = readFileSync(${JSON.stringify(source)});
    for (let step = 1; ; step++) {
      await store.write(bytes, { step, epoch: 1, best: step % 3 === 0 });
      if (step === 1) console.log("written");
    }`;
  const said = warnings();
  for (let i = 0; i < 8; i++) {
    const child = await started(code, folder);
    await new Promise((resolve) => setTimeout(resolve, (i * 17) % 60));
    await kill(child);
    expect(await stepOf(store.latest())).toBe(1);
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp")).length).toBeLessThanOrEqual(1);
  }
  expect(said).toEqual([]);
}, 300_000);
