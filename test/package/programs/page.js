// Runs what the address says: page.html?run=everything&threads=2, &own in a worker of the page's own, &worker with fit's
import { attempt } from "./attempt.js";

const asked = new URL(location.href).searchParams;
const options = asked.has("threads") ? { threads: Number(asked.get("threads")) } : {};
const fitOptions = asked.has("worker") ? { worker: true } : {};

/** The same in a module worker of the page's own. */
const inWorker = () =>
  new Promise((resolve) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: `the worker: ${message}` });
    worker.postMessage([asked.get("run"), options, fitOptions]);
  });

/** One outcome, or with "twice" those of two runs. */
async function run() {
  const once = () => (asked.has("own") ? inWorker() : attempt(asked.get("run"), options, fitOptions));
  return asked.has("twice") ? [await once(), await once()] : once();
}

globalThis.outcome = undefined;
run().then((outcome) => (globalThis.outcome = outcome));
