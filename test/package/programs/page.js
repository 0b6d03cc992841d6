// Runs what the address says: page.html?run=everything&threads=2&worker
import { attempt } from "./attempt.js";

const asked = new URL(location.href).searchParams;
const options = asked.has("threads") ? { threads: Number(asked.get("threads")) } : {};

/** The same in a module worker of the page's own. */
const inWorker = () =>
  new Promise((resolve) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: `the worker: ${message}` });
    worker.postMessage([asked.get("run"), options]);
  });

/** One outcome, or with "twice" those of two runs. */
async function run() {
  const once = () => (asked.has("worker") ? inWorker() : attempt(asked.get("run"), options));
  return asked.has("twice") ? [await once(), await once()] : once();
}

globalThis.outcome = undefined;
run().then((outcome) => (globalThis.outcome = outcome));
