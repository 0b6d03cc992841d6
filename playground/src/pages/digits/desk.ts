// What the digits page has at the moment: networks, what was read last, the training; and its workers, which compute.
import { calm } from "../../look/motion.ts";
import type { DrawDetail, WasmgradDigit } from "../../elements/digit.ts";
import type { FromWorker, Misread, NetworkInfo, Seen, ToWorker, Trouble } from "../../digits/messages.ts";
import type { Training } from "../../digits/settings.ts";
import { kindOfFile } from "../../play/fileKind.ts";
import { download } from "../../shell/download.ts";
import { librarySays } from "../../shell/librarySays.ts";
import { sayBeforeLeaving, siteFile, view } from "../../shell/shell.ts";
import { same, type Text } from "../../shell/text.ts";
import { startWorker, whyNoWorkers } from "../../shell/worker.ts";
import { toast } from "../../shell/toast.ts";
import { state, training } from "./state.ts";
import { TROUBLES } from "./troubles.ts";

/** What a training has shown so far. */
export interface Run {
  readonly training: Training;
  phase: "fetching" | "training" | "paused" | "done";
  fetched: string;
  batch: number;
  batches: number;
  speed: number;
  engine: Text;
  readonly losses: [x: number, y: number][];
  readonly epochs: Extract<FromWorker, { says: "epoch" }>[];
  end: Extract<FromWorker, { says: "trained" }> | undefined;
}

/** What is shown. */
export const now: {
  /** The network that reads. */
  reader: NetworkInfo["origin"];
  seen: Seen | undefined;
  /** The network as it was when it read: while one is trained, newer weights come before what they say. */
  seenBy: NetworkInfo | undefined;
  run: Run | undefined;
  misread: readonly Misread[] | undefined;
  /** It could not be fetched. */
  withoutPretrained: boolean;
  /** What went wrong; `slower`: a rate to try. */
  message:
    | { readonly what: Text; readonly todo: Text; readonly detail: string; readonly slower: number | undefined }
    | undefined;
  /** Paused, as nobody looks at the page. */
  hiddenPause: boolean;
} = {
  reader: "pretrained",
  seen: undefined,
  seenBy: undefined,
  run: undefined,
  misread: undefined,
  withoutPretrained: false,
  message: undefined,
  hiddenPause: false,
};
/** The networks that can read. */
export const networks = new Map<NetworkInfo["origin"], NetworkInfo>();
export const network = (): NetworkInfo | undefined => networks.get(now.reader);

/** Draws the page. */
let draw = (): void => {};
/** Called once there is something to see. */
let begun = (): void => {};
/** Draws the page: something has changed. */
export const changed = (): void => draw();
/** Can a training begin? */
export const canTrain = (): boolean => worker !== undefined;

/** Starts the worker, which fetches the network that the page begins with; settles once there is something to see. */
export function startDesk(pretrained: string, drawPage: () => void): Promise<void> {
  draw = drawPage;
  const shown = new Promise<void>((resolve) => (begun = resolve));
  worker = begin((Worker) => new Worker(new URL("../../workers/digits.ts", import.meta.url), { type: "module" }));
  tell({ do: "pretrained", url: pretrained });
  draw();
  return shown;
}

// --- the worker

/** Starts a worker; undefined where there are none. */
function begin(make: Parameters<typeof startWorker>[0]): Worker | undefined {
  try {
    const made = startWorker(make);
    made.addEventListener("error", (event) => {
      event.preventDefault();
      trouble("other", event.message ?? "");
    });
    made.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => hear(data));
    return made;
  } catch (error) {
    trouble("other", String(error));
    return undefined;
  }
}

let worker: Worker | undefined;
/** Of files that are opened: made when the first one is. */
let fileWorker: Worker | undefined;
export const tell = (what: ToWorker): void => worker?.postMessage(what);
const tellReader = (what: ToWorker): void => (now.reader === "file" ? fileWorker : worker)?.postMessage(what);

/** What is to be read next: one at a time is on its way, and only the last one counts. */
let next: DrawDetail | undefined;
let reading = false;
/** Which network is asked. */
let asked: NetworkInfo["origin"] = now.reader;
let current: DrawDetail = { pixels: state.get("digit") };

export function look(what: DrawDetail = current): void {
  current = next = what;
  if (!reading) lookNow();
}

function lookNow(): void {
  if (!next) return;
  reading = true;
  asked = now.reader;
  // copied, not handed over: it is read again by another network
  tellReader({ do: "see", origin: now.reader, digit: next, of: state.get("of") ?? undefined });
  next = undefined;
}

function hear(said: FromWorker): void {
  switch (said.says) {
    case "network":
      // a training's first weights, and a file, are what its owner wants to see
      if (!networks.has(said.network.origin) || said.network.origin === "file") now.reader = said.network.origin;
      networks.set(said.network.origin, said.network);
      if (said.network.origin === now.reader) look();
      break;
    case "seen":
      reading = false;
      now.seen = said.seen;
      now.seenBy = networks.get(asked);
      state.set({ digit: now.seen.pixels });
      lookNow();
      begun();
      break;
    case "fetching":
      if (now.run) {
        const whole = said.of ? ` / ${megabytes(said.of)}` : "";
        now.run.fetched = `${megabytes(said.bytes)}${whole} MB`;
      }
      break;
    case "started":
      if (now.run) {
        now.run.phase = "training";
        now.run.engine = engineText(said.threads, said.reason);
      }
      break;
    case "progress":
      if (now.run) {
        now.run.batch = said.batch;
        now.run.batches = said.batches;
        now.run.speed = said.speed;
        if (Number.isFinite(said.loss)) now.run.losses.push([said.batch / said.batches, said.loss]);
        // a long training would fill it: half of the points show the same curve
        if (now.run.losses.length > 600)
          now.run.losses.splice(0, Infinity, ...now.run.losses.filter((_, i) => i % 2 === 0));
      }
      break;
    case "epoch":
      now.run?.epochs.push(said);
      break;
    case "trained":
      if (now.run) {
        now.run.phase = "done";
        now.run.end = said;
        now.misread = said.misread;
      }
      break;
    case "exported":
      download("digits.safetensors", said.bytes, "application/octet-stream");
      break;
    case "trouble":
      trouble(said.trouble, said.detail);
  }
  draw();
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function engineText(threads: number, reason: string | undefined): Text {
  if (threads > 1) return { en: `${threads} threads, in a worker`, zh: `${threads} 个线程，不占用页面` };
  if (!crossOriginIsolated)
    return {
      en: "1 thread, in a worker: this page's memory may not be shared yet; reload it once",
      zh: "1 个线程，不占用页面：本页还不能共享内存，请重新加载一次",
    };
  const why = librarySays(reason ?? "");
  return { en: `1 thread, in a worker: ${why}`, zh: `1 个线程，不占用页面：${why}` };
}

function trouble(kind: Trouble, detail: string): void {
  now.withoutPretrained ||= kind === "pretrained";
  const none = kind === "other" && networks.size === 0 ? whyNoWorkers() : undefined;
  const { todo } = none ?? TROUBLES[kind];
  let { what } = none ?? TROUBLES[kind];
  if (kind === "file" && opened)
    what = {
      en: `This file can't be used here: it is ${opened.en}.`,
      zh: `这个文件在这里用不了：它是${opened.zh}。`,
    };
  reading = false;
  if (now.run && now.run.phase !== "done" && kind !== "file" && kind !== "pretrained") now.run = undefined;
  const slower = kind === "non-finite" ? Number((state.get("lr") / 10).toPrecision(3)) : undefined;
  now.message = { what, todo, detail, slower };
  draw();
  begun();
  view.querySelector(".notice")?.scrollIntoView({ block: "nearest" });
}

// --- actions

export function train(): void {
  now.message = undefined;
  now.run = {
    training: training(),
    phase: "fetching",
    fetched: "",
    batch: 0,
    batches: 1,
    speed: 0,
    engine: same(""),
    losses: [],
    epochs: [],
    end: undefined,
  };
  now.misread = undefined;
  networks.delete("trained");
  if (now.reader === "trained") now.reader = "pretrained";
  const showEvery = calm() ? 1000 : 250;
  tell({ do: "train", training: now.run.training, folder: siteFile("data/"), showEvery });
  draw();
}

export const isRunning = (): boolean => now.run !== undefined && now.run.phase !== "done";

export function pauseOrGoOn(): void {
  if (!now.run || (now.run.phase !== "training" && now.run.phase !== "paused")) return;
  now.hiddenPause = false;
  const pause = now.run.phase === "training";
  now.run.phase = pause ? "paused" : "training";
  tell({ do: pause ? "pause" : "resume" });
  draw();
}

export function stop(): void {
  if (now.run?.phase === "paused") tell({ do: "resume" });
  tell({ do: "stop" });
}

/** What the file that was opened last is, where it is something well known. */
let opened: Text | undefined;

export async function open(file: File | undefined): Promise<void> {
  if (!file) return;
  now.message = undefined;
  opened = await file
    .slice(0, 8)
    .arrayBuffer()
    .then(
      (start) => kindOfFile(new Uint8Array(start)),
      () => undefined, // a folder, or a file that is gone: the worker says so
    );
  fileWorker ??= begin(
    (Worker) => new Worker(new URL("../../workers/modelFile.ts", import.meta.url), { type: "module" }),
  );
  fileWorker?.postMessage({ do: "open", file } satisfies ToWorker);
}

export function drawDigit(pixels: Uint8Array): void {
  const square = view.querySelector<WasmgradDigit>("wasmgrad-digit")!;
  square.show(pixels);
  look({ pixels });
  square.scrollIntoView({ block: "center" });
  square.renderRoot.querySelector<HTMLElement>(".square")?.focus({ preventScroll: true });
}

sayBeforeLeaving(() =>
  isRunning()
    ? {
        en: "In the other language the page begins anew: this training would end. Its settings and your drawing go along.",
        zh: "换语言会重新打开本页：这次训练会中断。设置和你的画会带过去。",
      }
    : networks.has("trained")
      ? {
          en: "In the other language the page begins anew, without the network that was trained here: Save keeps it. Settings and drawing go along.",
          zh: "换语言会重新打开本页，这里训练的网络不会带过去：请先“保存”。设置和画会带过去。",
        }
      : undefined,
);

// a training in a page that nobody looks at takes its reader's battery
let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiddenTimer);
  if (document.hidden) {
    hiddenTimer = setTimeout(() => {
      if (now.run?.phase !== "training") return;
      pauseOrGoOn();
      now.hiddenPause = true;
      draw();
    }, 30_000);
  } else if (now.hiddenPause) {
    pauseOrGoOn();
    toast({
      en: "Training was paused while this page was hidden; it goes on.",
      zh: "页面隐藏时训练暂停了；现在继续。",
    });
  }
});
