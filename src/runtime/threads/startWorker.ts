// Starts workers of wasmgrad's own program: by its file, which bundlers find by the address below; where that can't be loaded, from the
// text of the program, which needs no file; or by a function of the user's.
import { describe, kindOf } from "../../util/check.ts";
import { clearTimeout, performance, setTimeout } from "../timers.ts";
import { type AnyWorker, keepAlive, nodeThreads, type Report, terminate, withLock } from "./messages.ts";

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

/** A way to make a worker. */
interface Way {
  readonly name: string;
  make(): AnyWorker | Promise<AnyWorker>;
  /** It runs our program for certain, so that it needn't say so first. */
  readonly certain?: boolean;
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
  const ways: Way[] = [];
  if (createWorker) ways.push({ name: "createWorker", make: () => given(createWorker), certain: true });
  else {
    const file = fileAddress();
    if (file)
      ways.push({ name: file.protocol === "data:" ? "wasmgrad.worker.js" : file.href, make: () => byFile(file) });
    ways.push({ name: "a worker of its own source", make: bySource });
  }
  const refusals = watchPolicy();
  try {
    return await new Attempt(first, listeners, timeout, transfer, ways).outcome;
  } catch (error) {
    const reasons = [(error as Error).message, await refusals.text()].filter((text) => text !== "");
    throw new Error(`no worker could be started: ${reasons.join("; ")}`, { cause: error });
  } finally {
    refusals.end();
  }
}

function given(createWorker: () => AnyWorker): AnyWorker {
  const worker = createWorker() as AnyWorker | undefined;
  if (typeof worker?.postMessage !== "function") throw new TypeError(`it made no worker, got ${describe(worker)}`);
  return worker;
}

/** The address of the worker's file; undefined in a script, which has none of its own. */
function fileAddress(): URL | undefined {
  try {
    return new URL("./wasmgrad.worker.js", import.meta.url);
  } catch {
    return undefined;
  }
}

function byFile(file: URL): AnyWorker {
  const node = nodeThreads();
  if (node) return new node.Worker(file, { execArgv: [] });
  return new Worker(new URL("./wasmgrad.worker.js", import.meta.url), { type: "module" }); // as bundlers look for it
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

/** Tries one way after the other, until a worker is ready. */
class Attempt<Message> {
  readonly outcome: Promise<AnyWorker>;
  readonly #first: object;
  readonly #listeners: Listeners<Message>;
  readonly #transfer: readonly object[];
  readonly #ways: Way[];
  /** The name of the lock that the worker holds: of no other worker, of this page or another, whichever copy of the library has made it. */
  readonly #lock = `wasmgrad ${Date.now()} ${performance.now()} ${locks++} ${String(globalThis.crypto?.randomUUID?.())}`;
  /** Workers that may still answer. */
  readonly #open = new Set<AnyWorker>();
  readonly #failures: string[] = [];
  readonly #timer: ReturnType<typeof setTimeout>;
  #patience: ReturnType<typeof setTimeout> | undefined;
  /** Ways that have neither answered nor failed. */
  #pending = 0;
  /** The worker that was there first. */
  #chosen: AnyWorker | undefined;
  #resolve!: (worker: AnyWorker) => void;
  #reject!: (error: Error) => void;
  #settled = false;

  constructor(
    first: object,
    listeners: Listeners<Message>,
    timeout: number,
    transfer: readonly object[],
    ways: readonly Way[],
  ) {
    this.#first = first;
    this.#listeners = listeners;
    this.#transfer = transfer;
    this.#ways = [...ways];
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#fail(`no answer in ${timeout / 1000} s`), timeout);
    void this.#next();
  }

  async #next(): Promise<void> {
    clearTimeout(this.#patience);
    const way = this.#ways.shift();
    if (!way) {
      if (this.#pending === 0) this.#fail();
      return;
    }
    this.#pending++;
    if (this.#ways.length > 0) this.#patience = setTimeout(() => void this.#next(), PATIENCE);
    let worker: AnyWorker;
    try {
      worker = await way.make();
    } catch (error) {
      this.#lose(way, undefined, String(error));
      return;
    }
    if (this.#settled || this.#chosen) return terminate(worker);
    this.#open.add(worker);
    this.#listen(way, worker);
    if (way.certain) this.#choose(worker);
  }

  #listen(way: Way, worker: AnyWorker): void {
    let ready = false;
    const gone = (reason: string): void => {
      if (ready) this.#listeners.gone(reason);
      else this.#lose(way, worker, reason);
    };
    const receive = (message: Report<Message>): void => {
      if (message === "loaded") this.#choose(worker);
      else if (message === "ready") {
        ready = true;
        // browsers don't tell that a worker has ended, but they give its lock to whoever waits for it
        if (!("on" in worker)) withLock(this.#lock, () => this.#listeners.gone("it ended"));
        keepAlive(worker, false);
        this.#settle();
        this.#resolve(worker);
      } else if (kindOf(message) === "Object" && "error" in (message as object))
        gone((message as { error: string }).error);
      else if (ready) this.#listeners.report(message as Message);
      else this.#lose(way, worker, "another program answered");
    };
    if ("on" in worker) {
      worker.on("message", (message) => receive(message as Report<Message>));
      worker.on("error", (error) => gone(String(error)));
      worker.on("exit", (code) => gone(`it ended with code ${String(code)}`));
    } else {
      worker.addEventListener("message", ({ data }) => receive(data as Report<Message>));
      worker.addEventListener("error", (event) => {
        if (!ready) event.preventDefault?.(); // it is said in the reason
        gone(event.message || "it could not be loaded");
      });
    }
  }

  /** This one is there: it gets the message, and the others are ended. */
  #choose(worker: AnyWorker): void {
    if (this.#chosen || !this.#open.has(worker)) return;
    this.#chosen = worker;
    clearTimeout(this.#patience);
    for (const other of this.#open) if (other !== worker) terminate(other);
    try {
      const to: { postMessage(message: unknown, transfer?: readonly object[]): void } = worker;
      to.postMessage({ ...this.#first, lock: this.#lock }, this.#transfer);
    } catch (error) {
      this.#fail(String(error));
    }
  }

  #lose(way: Way, worker: AnyWorker | undefined, reason: string): void {
    if (this.#settled || (worker && !this.#open.delete(worker))) return;
    this.#pending--;
    if (worker) terminate(worker);
    if (this.#chosen && this.#chosen !== worker) return; // another one is there already
    this.#failures.push(`${way.name} (${reason})`);
    if (this.#chosen) this.#fail();
    else void this.#next();
  }

  #fail(reason?: string): void {
    if (this.#settled) return;
    this.#settle();
    for (const worker of this.#open) terminate(worker);
    this.#reject(new Error([...this.#failures, ...(reason ? [reason] : [])].join("; ")));
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#patience);
  }
}

interface Violation {
  readonly effectiveDirective: string;
  readonly blockedURI: string;
  readonly disposition: string;
}

/** What is used of a page's events. */
interface Listening {
  addEventListener?(type: "securitypolicyviolation", listener: (event: Violation) => void): void;
  removeEventListener?(type: "securitypolicyviolation", listener: (event: Violation) => void): void;
}

/** Listens to what a page's Content-Security-Policy refuses: the error of a worker doesn't say it in any engine. */
function watchPolicy(): { text(): Promise<string>; end(): void } {
  const { addEventListener, removeEventListener } = globalThis as Listening;
  let refused = false;
  const listen = ({ effectiveDirective, disposition }: Violation): void => {
    refused ||= effectiveDirective === "worker-src" && disposition === "enforce";
  };
  addEventListener?.("securitypolicyviolation", listen);
  return {
    async text() {
      // reports come in a task of their own, after the error
      if (addEventListener && !refused) await new Promise((resolve) => setTimeout(resolve, 50));
      if (!refused) return "";
      return "the page's Content-Security-Policy forbids it: its worker-src must allow 'self', where wasmgrad.worker.js is served, or blob:";
    },
    end: () => removeEventListener?.("securitypolicyviolation", listen),
  };
}
