// What the tests of checkpoints do in pages, in frames of them, and in a worker: they evaluate calls of these functions, which give
// values that JSON can hold.
import { writeCheckpoint } from "../../../src/io/checkpointFile.ts";
import { readCheckpoint } from "wasmgrad/files";
import { indexedDBCheckpoints } from "wasmgrad/web";

/** The message of what is thrown, or "nothing". */
async function refusal(action) {
  try {
    await action();
    return "nothing";
  } catch (error) {
    return error.message;
  }
}

/** Bytes that a browser can't pack. */
function noise(size, seed) {
  let x = seed;
  return Uint8Array.from({ length: size }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x;
  });
}

const checkpointOf = (step, size = 100) =>
  writeCheckpoint({
    of: ["a test"],
    step,
    epoch: 0,
    batch: 0,
    ended: false,
    history: { loss: [1 / 3] },
    state: noise(size, step),
  });

const write = (store, step, best = false, size = 100) =>
  store.write(checkpointOf(step, size), { step, epoch: 10 * step, best });

const stepOf = async (bytes) => (bytes ? (await readCheckpoint(bytes)).step : "none");
const latestOf = async (store) => stepOf(await store.latest());
const bestOf = async (store) => stepOf(await store.best());

const finished = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Does something with the stores of the database themselves, which the library has made. */
async function inDatabase(run) {
  const database = await finished(indexedDB.open("wasmgrad-checkpoints"));
  const transaction = database.transaction(["bytes", "about"], "readwrite");
  const done = new Promise((resolve) => (transaction.oncomplete = resolve));
  const result = await run(transaction.objectStore("bytes"), transaction.objectStore("about"));
  await done;
  database.close();
  return result;
}

/** What is kept of all names: of each the name, the number, the step, whether it is a best one, and the bytes of its buffer. */
const records = () =>
  inDatabase(async (bytes, about) => {
    const keys = await finished(bytes.getAllKeys());
    const files = await finished(bytes.getAll());
    const all = await finished(about.getAll());
    return all.map(({ name, number, step, best, epoch, saved }, i) => {
      if (String(keys[i]) !== String([name, number]) || epoch !== 10 * step || !(saved instanceof Date)) return "wrong";
      return [name, number, step, best, files[i].buffer.byteLength];
    });
  });

/** Changes a byte of the state of a checkpoint. */
const damage = (name, number) =>
  inDatabase(async (bytes) => {
    const file = await finished(bytes.get([name, number]));
    file[file.length - 1] ^= 1;
    bytes.put(file, [name, number]);
  });

/** What it gives, and what is written to the console meanwhile. */
async function warned(action) {
  const texts = [];
  const { warn } = console;
  console.warn = (text) => texts.push(text);
  try {
    return [await action(), ...texts];
  } finally {
    console.warn = warn;
  }
}

async function keeping() {
  const store = indexedDBCheckpoints("run", { keepLast: 2 });
  const steps = [];
  const note = async () => {
    const newest = [await latestOf(store), await bestOf(store)];
    steps.push([(await records()).map(([, number]) => number), ...newest]);
  };
  await note();
  for (const [step, best] of [
    [7, true],
    [8, false],
    [9, false],
    [10, false],
    [11, true],
    [12, false],
    [13, false],
  ]) {
    await write(store, step, best);
    await note();
  }
  const rows = await records();
  // a view keeps its own bytes alone; memory that threads share can't be kept as it is
  const bytes = checkpointOf(14);
  const large = new Uint8Array(100_000);
  large.set(bytes, 8);
  await store.write(large.subarray(8, 8 + bytes.length), { step: 14, epoch: 140, best: false });
  const same = String(await store.latest()) === String(bytes);
  const size = (await records()).at(-1)[4] === bytes.length;
  await store.remove();
  await note();
  await write(store, 15);
  await note();
  await store.remove();
  return { steps, rows: rows.map((row) => row.slice(0, 4)), same, size };
}

/** Writes that end before their end: nothing of them is there. Then how many transactions one takes, and of which kind. */
async function undone() {
  const store = indexedDBCheckpoints("run", { keepLast: 1 });
  await write(store, 1);
  const texts = [];
  // as when the page is closed while the one before is removed
  const { delete: remove } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.delete = function () {
    IDBObjectStore.prototype.delete = () => {};
    this.transaction.abort();
  };
  texts.push(await refusal(() => write(store, 2)));
  IDBObjectStore.prototype.delete = remove;
  // what can't be kept
  texts.push(await refusal(() => store.write(checkpointOf(3), { step: () => 3, epoch: 30, best: false })));
  const rows = await records();
  const transactions = [];
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    transactions.push([mode, options.durability]);
    return transaction.call(this, stores, mode, options);
  };
  await write(store, 4);
  IDBDatabase.prototype.transaction = transaction;
  const numbers = (await records()).map(([, number]) => number);
  await store.remove();
  return { texts, rows: rows.map(([, number, step]) => [number, step]), transactions, numbers };
}

async function byDefault() {
  const store = indexedDBCheckpoints("run");
  for (let step = 1; step < 6; step++) await write(store, step);
  const numbers = (await records()).map(([, number]) => number);
  // what is newly opened sees the same; another number of last ones counts from the next write on
  const other = indexedDBCheckpoints("run", { keepLast: 1 });
  const latest = await latestOf(other);
  await write(other, 6);
  const rest = (await records()).map(([, number]) => number);
  await other.remove();
  return { numbers, latest, rest };
}

async function names() {
  const all = ["a", "ab", 'a "b"/✓', " "].map((name) => indexedDBCheckpoints(name));
  for (const [i, store] of all.entries()) await write(store, i + 1, true);
  const steps = await Promise.all(all.map(latestOf));
  await all[0].remove();
  const rest = await Promise.all(all.map(bestOf));
  for (const store of all) await store.remove();
  return { steps, rest, count: (await records()).length };
}

async function damaged() {
  const store = indexedDBCheckpoints("run", { keepLast: 4 });
  for (const [step, best] of [
    [1, true],
    [2, false],
    [3, true],
    [4, false],
  ])
    await write(store, step, best);
  const said = {};
  await damage("run", 4);
  said.newest = await warned(() => latestOf(store));
  said.best = await warned(() => bestOf(store));
  await damage("run", 3);
  said.two = await warned(() => latestOf(store));
  said.olderBest = await warned(() => bestOf(store));
  await damage("run", 1);
  said.noBest = await refusal(() => store.best());
  await damage("run", 2);
  said.none = await warned(() => refusal(() => store.latest()));
  await write(store, 5); // a training goes on over them
  said.after = await warned(() => latestOf(store));
  await store.remove();
  said.empty = await warned(() => latestOf(store));
  return said;
}

async function opening() {
  const texts = [];
  const one = indexedDBCheckpoints("run");
  const release = await one.open();
  texts.push(await refusal(() => one.open()), await refusal(() => indexedDBCheckpoints("run").open()));
  const other = await indexedDBCheckpoints("another").open();
  release(); // under way: the next one waits for it
  const again = await one.open();
  await release(); // the second time it does nothing
  texts.push(await refusal(() => one.open()));
  await other();
  await again();
  await (
    await one.open()
  )();
  return texts;
}

/** As in a page without https. */
async function withoutLocks() {
  Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
  try {
    return await opening();
  } finally {
    delete navigator.locks;
  }
}

async function withoutStorage() {
  const store = indexedDBCheckpoints("run");
  const texts = [];
  const { indexedDB: present } = window;
  const blocked = {
    open: () => {
      throw new DOMException("no", "SecurityError");
    },
  };
  for (const value of [undefined, blocked]) {
    Object.defineProperty(window, "indexedDB", { value, configurable: true });
    for (const action of [() => store.open(), () => write(store, 1), () => store.latest()]) {
      texts.push(await refusal(action));
    }
  }
  Object.defineProperty(window, "indexedDB", { value: present, configurable: true });
  await (
    await store.open()
  )(); // nothing was taken
  return texts;
}

/** Until it does; the last answer otherwise. */
async function soon(action, wanted) {
  let answer;
  for (let i = 0; i < 2400; i++) {
    answer = await action();
    if (answer === wanted) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return answer;
}

/** Opens, and gives it back at once. */
const tryOpening = (name) => refusal(async () => (await indexedDBCheckpoints(name).open())());

/** Keeps the name until the page is closed. */
const holdOn = (name) =>
  refusal(async () => {
    window.held = await indexedDBCheckpoints(name).open();
  });

/** This page in a frame of it, once it is ready. */
async function frameOfThis() {
  const frame = document.createElement("iframe");
  frame.src = "./index.html";
  document.body.append(frame);
  await soon(() => frame.contentWindow.ready === true, true);
  return frame;
}

/** A training in another page of the site, which is then closed. */
async function inFrame() {
  const frame = await frameOfThis();
  const texts = [await frame.contentWindow.holdOn("run"), await tryOpening("run"), await tryOpening("another")];
  frame.remove();
  return [...texts, await soon(() => tryOpening("run"), "nothing")];
}

const SIZE = 3_000_000;

/** Writes on and on; `written` is the step that is done. */
async function writeOnAndOn(name, tell) {
  const store = indexedDBCheckpoints(name, { keepLast: 2 });
  await store.remove();
  for (let step = 1; ; step++) {
    await write(store, step, step === 1, SIZE);
    tell(step);
  }
}

/** What is there after a page that wrote on and on was closed: the numbers, the newest step, and what was said of it. */
async function left(name) {
  const numbers = (await records()).filter((row) => row[0] === name).map(([, number]) => number);
  return { numbers, latest: await warned(() => latestOf(indexedDBCheckpoints(name))) };
}

/** A page that is closed while it writes. */
async function closedFrame(milliseconds) {
  const frame = await frameOfThis();
  let written = 0;
  frame.contentWindow.writeOnAndOn("run", (step) => (written = step)).catch(() => {});
  await soon(() => written > 0, true);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  frame.remove();
  const done = written;
  const result = { done, ...(await left("run")) };
  await indexedDBCheckpoints("run").remove();
  return result;
}

/** A checkpoint that is too large for what the page may store. Chromium's DevTools set the quota. */
async function full() {
  const store = indexedDBCheckpoints("run");
  await write(store, 1);
  const message = await refusal(() => write(store, 2, false, 12_000_000));
  const step = await latestOf(store);
  const numbers = (await records()).map(([, number]) => number);
  await store.remove();
  return { message, step, numbers };
}

/** The functions of this file in a worker. */
async function inWorker() {
  const worker = new Worker("./main.js", { type: "module" });
  const ask = (call) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(call);
    });
  await new Promise((resolve) => (worker.onmessage = resolve)); // it is ready
  const answers = [await ask(["keeping"]), await ask(["damaged"])];
  const texts = [await ask(["opening"]), await ask(["holdOn", "run"]), await tryOpening("run")];
  worker.terminate();
  return { answers, texts: [...texts, await soon(() => tryOpening("run"), "nothing")] };
}

const functions = {
  byDefault,
  closedFrame,
  damaged,
  full,
  holdOn,
  inFrame,
  inWorker,
  keeping,
  left,
  names,
  opening,
  tryOpening,
  undone,
  withoutLocks,
  withoutStorage,
  writeOnAndOn,
};

if (typeof document === "undefined") {
  globalThis.window = globalThis;
  onmessage = async ({ data: [name, ...args] }) => postMessage(await functions[name](...args));
  postMessage("ready");
} else Object.assign(window, functions, { ready: true });
