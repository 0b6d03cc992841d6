// What the tests of trainings that go on elsewhere do in pages and in their workers. Checkpoints come and go as base64.
import { indexedDBCheckpoints } from "wasmgrad/web";
import { passOn, train } from "../../support/interrupted.ts";

/** The functions of this file in a worker of the page's own: gives what answers a call. */
async function opened() {
  const worker = new Worker("./main.js", { type: "module" });
  const answer = () =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => ("error" in data ? reject(new Error(data.error)) : resolve(data.value));
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  await answer(); // it is ready
  return {
    ask(...call) {
      worker.postMessage(call);
      return answer();
    },
    end: () => worker.terminate(),
  };
}

async function inWorker(...call) {
  const { ask, end } = await opened();
  try {
    return await ask(...call);
  } finally {
    end();
  }
}

/** A training that runs until the page is left: from which update it went on, how far it is, and what came of it, or why nothing did. */
const going = { from: -1, updates: 0, outcome: null, error: null };
let where = () => ({ ...going });

/**
 * Begins, or goes on from what is in IndexedDB. `after`: it is to be ended after so many updates by what looks at it now and then; from
 * there on it goes so slowly that it can't come to its end before.
 */
function begin(name, options, after) {
  train({
    ...options,
    store: indexedDBCheckpoints(name, { keepLast: 2 }),
    when: { everySteps: 5 },
    async look(updates) {
      if (going.from < 0) going.from = updates - 1;
      going.updates = updates;
      if (after === undefined) return;
      await new Promise((resolve) => setTimeout(resolve, updates < going.from + after ? 2 : 100));
    },
  }).then(
    (outcome) => (going.outcome = outcome),
    (error) => (going.error = String(error)),
  );
}

/** The same in a worker of the page's. */
async function beginInWorker(...all) {
  const { ask } = await opened();
  await ask("begin", ...all);
  where = () => ask("where");
}

const functions = { begin, beginInWorker, inWorker, passOn, where: () => where() };

if (typeof document === "undefined") {
  onmessage = async ({ data: [name, ...args] }) => {
    try {
      postMessage({ value: await functions[name](...args) });
    } catch (error) {
      postMessage({ error: String(error) });
    }
  };
  postMessage({ value: "ready" });
} else Object.assign(window, functions, { ready: true });
