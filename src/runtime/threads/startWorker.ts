// Starts workers of wasmgrad's own program: by its file; where that can't be loaded, from the
// text of the program, which needs no file; or by a function of the user's.
import { describe } from "../../util/check.ts";
import { clearTimeout, performance, setTimeout } from "../timers.ts";
import { type AnyWorker, keepAlive, nodeThreads, type Report, terminate, withLock } from "./messages.ts";
import { byFile, type Way } from "./workerFile.ts";

/** What a started worker tells. */
export interface Listeners<Message> {
  /** It has sent a message of its user's: neither "loaded" nor "ready", nor an error. */
  report(message: Message): void;
  /** It has failed or ended: more than once, if it does both. */
  gone(reason: string): void;
}

export interface StartOptions {
  /** Makes the worker; nothing else is tried then. */
  readonly createWorker?: (() => AnyWorker) | undefined;
  /** Milliseconds after which a worker that gives no answer counts as not started; default 30,000. */
  readonly timeout?: number;
  /** What moves to the worker with the first message, as `postMessage` takes it. */
  readonly transfer?: readonly object[];
}

/**
 * Milliseconds after which the next way is tried beside one that is silent: a server that is slow isn't waited for, and a program of
 * somebody else's under that address is never heard from.
 */
const PATIENCE = 3000;

const TIMEOUT = 30_000;

/** Names of locks so far. */
let locks = 0;

interface Violation {
  readonly effectiveDirective: string;
  readonly disposition: string;
}

/** What is used of a page's events. */
interface Listening {
  addEventListener?(type: "securitypolicyviolation", listener: (event: Violation) => void): void;
  removeEventListener?(type: "securitypolicyviolation", listener: (event: Violation) => void): void;
}

/**
 * Starts a worker and sends it its first message, once it is there.
 *
 * @param first the message, which gets the worker's lock as `lock`
 * @throws {Error} that says what was tried and why each failed
 */
export async function startWorker<Message>(
  first: object,
  listeners: Listeners<Message>,
  { createWorker, timeout = TIMEOUT, transfer = [] }: StartOptions = {},
): Promise<AnyWorker> {
  const ways: Way[] = createWorker
    ? [{ name: "createWorker", make: () => given(createWorker), certain: true }]
    : [...byFile(), { name: "a worker of its own source", make: bySource }];
  // the name of the lock that the worker holds: of no other worker, of this page or another, whichever copy of the library has made it
  const lock = `wasmgrad ${Date.now()} ${performance.now()} ${locks++} ${String(globalThis.crypto?.randomUUID?.())}`;
  /** Workers that may still answer. */
  const open = new Set<AnyWorker>();
  const reasons: string[] = [];
  /** Ways that have neither answered nor failed. */
  let pending = 0;
  /** The worker that was there first. */
  let chosen: AnyWorker | undefined;
  let over = false;
  let timer: ReturnType<typeof setTimeout>;
  let patience: ReturnType<typeof setTimeout> | undefined;
  // what a page's Content-Security-Policy refuses: the error of a worker doesn't say it in any engine
  const { addEventListener, removeEventListener } = globalThis as Listening;
  let refused = false;
  const listen = ({ effectiveDirective, disposition }: Violation): void => {
    refused ||= effectiveDirective === "worker-src" && disposition === "enforce";
  };
  addEventListener?.("securitypolicyviolation", listen);
  try {
    return await new Promise((resolve, reject) => {
      /** This one is there: it gets the message, and the others are ended. */
      const choose = (worker: AnyWorker): void => {
        if (chosen || !open.has(worker)) return;
        chosen = worker;
        clearTimeout(patience);
        open.delete(worker);
        end();
        open.add(worker);
        try {
          const to: { postMessage(message: unknown, transfer?: readonly object[]): void } = worker;
          to.postMessage({ ...first, lock }, transfer);
        } catch (error) {
          fail(String(error));
        }
      };
      const end = (): void => {
        open.forEach(terminate);
        open.clear();
      };
      const fail = (...reason: string[]): void => {
        reasons.push(...reason);
        over = true;
        end();
        reject();
      };
      const lose = ({ name }: Way, reason: unknown, worker?: AnyWorker): void => {
        if (over || (worker && !open.delete(worker))) return;
        pending--;
        if (worker) terminate(worker);
        const text = `${name} (${String(reason)})`;
        if (worker && worker === chosen) return fail(text);
        reasons.push(text);
        void next();
      };
      const next = async (): Promise<void> => {
        clearTimeout(patience);
        const way = ways.shift();
        if (!way || chosen) {
          if (pending === 0) fail();
          return;
        }
        pending++;
        if (ways.length > 0) patience = setTimeout(next, PATIENCE);
        let worker: AnyWorker;
        try {
          worker = await way.make();
        } catch (error) {
          return lose(way, error);
        }
        if (over || chosen) return terminate(worker);
        open.add(worker);
        let ready = false;
        const gone = (reason: unknown): void => {
          if (ready) listeners.gone(String(reason));
          else lose(way, reason, worker);
        };
        const receive = (message: Report<Message>): void => {
          const error = (message as { readonly error?: string } | null)?.error;
          if (error !== undefined) gone(error);
          else if (message === "loaded") choose(worker);
          else if (message === "ready") {
            ready = true;
            // browsers don't tell that a worker has ended, but they give its lock to whoever waits for it
            if (!("on" in worker)) withLock(lock, () => listeners.gone("it ended"));
            keepAlive(worker, false);
            resolve(worker);
          } else if (ready) listeners.report(message as Message);
          else lose(way, "another program answered", worker);
        };
        if ("on" in worker) {
          worker.on("message", (message) => receive(message as Report<Message>));
          worker.on("error", gone);
          worker.on("exit", (code) => gone(`it ended with code ${String(code)}`));
        } else {
          worker.addEventListener("message", ({ data }) => receive(data as Report<Message>));
          worker.addEventListener("error", (event) => {
            if (!ready) event.preventDefault?.(); // it is said in the reason
            gone(event.message || "it could not be loaded");
          });
        }
        if (way.certain) choose(worker);
      };
      timer = setTimeout(() => fail(`no answer in ${timeout / 1000} s`), timeout);
      void next();
    });
  } catch {
    // reports come in a task of their own, after the error
    if (addEventListener && !refused) await new Promise((resolve) => setTimeout(resolve, 50));
    if (refused) {
      reasons.push(
        "the page's Content-Security-Policy forbids it: its worker-src must allow 'self', where wasmgrad.worker.js is served, or blob:",
      );
    }
    throw new Error(`no worker could be started: ${reasons.join("; ")}`);
  } finally {
    clearTimeout(timer!);
    clearTimeout(patience);
    removeEventListener?.("securitypolicyviolation", listen);
  }
}

function given(createWorker: () => AnyWorker): AnyWorker {
  const worker = createWorker() as AnyWorker | undefined;
  if (typeof worker?.postMessage !== "function") throw new TypeError(`it made no worker, got ${describe(worker)}`);
  return worker;
}

async function bySource(): Promise<AnyWorker> {
  const { source } = await import("../../../build/workerSource.js");
  const node = nodeThreads();
  if (node) return new node.Worker(source, { eval: true, execArgv: [] });
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(address);
  const revoke = (): void => URL.revokeObjectURL(address);
  // not before it has been read
  for (const type of ["message", "error"]) worker.addEventListener(type, revoke, { once: true });
  return worker;
}
