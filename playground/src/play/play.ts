// The Play page's run and how it stands: what the page and the tools below it look at, and what they do with it.
import type { Theme } from "../look/colour.ts";
import type { Text } from "../shell/text.ts";
import { count } from "../look/numbers.ts";
import { showFingerprint, siteFile } from "../shell/shell.ts";
import { librarySays } from "../shell/librarySays.ts";
import { isPolicy } from "../shell/policy.ts";
import { whyNoWorkers } from "../shell/worker.ts";
import { language } from "../shell/text.ts";
import { writePoints, writeWeights } from "../shell/codec.ts";
import { toast } from "../shell/toast.ts";
import type { Finding } from "./diagnose.ts";
import type { EngineFacts, Frame, FromWorker, MadeData } from "./protocol.ts";
import { Run } from "./run.ts";
import { type PlayState, SETUP_KEYS, setupOf } from "./settings.ts";
import {
  LIMITS,
  lossFits,
  lossOf,
  netText,
  outputsOf,
  parametersOf,
  type Points,
  type Setup,
  taskOf,
} from "./setup.ts";

/** A tab that is hidden so long pauses. */
const HIDDEN = 30_000;
/** Milliseconds between two looks at the fingerprint while it trains. */
const FINGERPRINT = 1000;

/** A column of the figure. */
export interface Column {
  readonly units: number;
  readonly activation: string;
  readonly drawn: boolean;
}

export class Play {
  readonly state: PlayState;
  run!: Run;
  setup: Setup;
  data: MadeData | undefined;
  /** The test points. */
  test: Points | undefined;
  engine: EngineFacts | undefined;
  running = false;
  updates = 0;
  /** Bytes of the core's memory. */
  bytes = 0;
  halt: Extract<FromWorker, { say: "halted" }> | undefined;
  fatal = false;
  /** Weights were set by hand that the address doesn't hold. */
  #edited = false;
  /** There is another run. */
  #branched = false;
  /** The columns of the hidden layers and of the output: the same list as long as they are the same. */
  columns: readonly Column[] = [];

  onFrame: (frame: Frame) => void = () => {};
  onChange: () => void = () => {};
  onMade: () => void = () => {};
  onFindings: (findings: readonly Finding[]) => void = () => {};
  onBranch: (updates: number) => void = () => {};
  onSwap: (updates: number) => void = () => {};
  onMark: (updates: number | undefined) => void = () => {};
  onForbidden: (message: string) => void = () => {};
  onFatal: (what: Text, todo: Text, detail: string) => void = () => {};
  /** A click on the losses' curve: whoever looks back in time. */
  onSeek: (updates: number) => void = () => {};

  readonly #theme: Theme;
  readonly #listeners = new Set<() => void>();
  #wasHidden = false;
  #hiding: ReturnType<typeof setTimeout> | undefined;
  #fingerprintAt = 0;
  /** Trains when it is made next. */
  #wanted = true;

  constructor(state: PlayState, theme: Theme) {
    this.state = state;
    this.#theme = theme;
    this.setup = this.#read();
    this.#setColumns();
  }

  /** There is nothing to train on. */
  get empty(): boolean {
    return this.setup.data === "mine" && this.setup.points.y.length === 0;
  }

  /** Starts the worker. */
  load(): void {
    try {
      this.#startWorker();
    } catch (error) {
      this.#die((error as Error).message, false);
    }
  }

  /** Makes the run. */
  start(): void {
    if (this.fatal) return;
    this.state.on([...SETUP_KEYS, "at"], () => this.#remake());
    this.state.on(["view"], () => this.#tell());
    document.addEventListener("visibilitychange", () => this.#hidden());
    this.#make();
  }

  #startWorker(): void {
    this.run = new Run(this.#theme, {
      made: ({ data, engine }) => {
        this.data = data;
        this.test = { x: data.testX, y: data.testY };
        this.engine = engine;
        this.#tell();
      },
      draw: (frame, late) => {
        if (!late) this.updates = frame.updates;
        this.bytes = frame.bytes;
        // what is told by button comes first: frames of before are still on their way
        this.onFrame(frame);
        if (frame.running && performance.now() - this.#fingerprintAt > FINGERPRINT) {
          this.#fingerprintAt = performance.now();
          void this.run.ask("fingerprint").then(
            ({ fingerprint, updates }) => this.#showFingerprint(fingerprint, updates),
            () => undefined,
          );
        }
        for (const call of this.#listeners) call();
      },
      findings: (found) => this.onFindings(found),
      paused: ({ updates, fingerprint }) => {
        this.updates = updates;
        this.running = false;
        this.#fingerprintAt = performance.now();
        this.#showFingerprint(fingerprint, updates);
        this.#tell();
      },
      halted: (halt) => {
        this.halt = halt;
        this.running = false;
        this.#tell();
      },
      failed: (message) => this.#failed(message),
      lost: (message) => this.#die(message, true),
    });
  }

  /** The setup that the URL says; what doesn't fit together is said, and left out. */
  #read(): Setup {
    let setup = setupOf(this.state);
    if (!lossFits(setup.loss, taskOf(setup))) {
      const { loss } = setup;
      setup = { ...setup, loss: "auto" };
      toast({ en: `loss=${loss} doesn't fit these data, auto is used`, zh: `loss=${loss} 不适合这些数据，改用 auto` });
    }
    const needed = parametersOf(setup);
    if (setup.weights.length > 0 && setup.weights.length !== needed) {
      const { length } = setup.weights;
      setup = { ...setup, weights: new Float32Array(0) };
      toast({
        en: `w has ${length} weights, this network ${needed}: it begins with those of its seed`,
        zh: `w 有 ${length} 个权重，而此网络有 ${needed} 个：改用种子给出的初始权重`,
      });
    }
    return setup;
  }

  #remake(): void {
    this.#wanted = this.running || this.#wanted || this.halt !== undefined;
    this.setup = this.#read();
    this.#setColumns();
    this.#make();
  }

  #setColumns(): void {
    const { layers } = this.setup;
    this.columns = [
      ...layers.map(({ units, activation }, k) => ({
        units,
        activation,
        drawn: units <= LIMITS.mapUnits && k < LIMITS.mapLayers,
      })),
      { units: outputsOf(this.setup), activation: "linear", drawn: true },
    ];
  }

  #make(reset = false): void {
    this.halt = undefined;
    this.#edited = false;
    this.#branched = false;
    this.updates = 0;
    const at = this.state.get("at");
    // a link that names an update is a picture of it, whoever changes what
    const run = (this.#wanted || (at > 0 && !reset)) && !this.empty;
    this.#wanted = false;
    this.running = run;
    this.run.make(this.setup, { run, until: at > 0 ? at : undefined });
    this.onMade();
    this.#tell();
  }

  /** As at the start, of the same setup. */
  reset(): void {
    this.#wanted = this.running;
    this.#make(true);
  }

  /** Trains on, or pauses. */
  train(on: boolean): void {
    if (this.empty || this.fatal) return;
    this.running = on && !this.halt;
    if (on) this.run.train();
    else this.run.pause();
    this.#tell();
  }

  /** One update. */
  once(): void {
    if (this.empty || this.fatal || this.halt) return;
    this.run.once();
  }

  /** Sets a weight or bias. Before the first update of a run alone it belongs to the setup, and to the URL. */
  edit(index: number, value: number): void {
    const sets = this.updates === 0 && !this.running && !this.#branched;
    if (sets && parametersOf(this.setup) <= LIMITS.weights) {
      void this.run.ask("weights").then((weights) => {
        weights[index] = value;
        // what is seen stands at its beginning, wherever the link led
        this.state.set({ w: weights, at: 0 });
      });
      return;
    }
    this.#edited = true;
    this.run.set(index, value);
    this.#tell();
  }

  seek(updates: number): void {
    this.onSeek(updates);
  }

  /** What the address doesn't hold, and ends with the page. */
  get atStake(): Text | undefined {
    if (!this.#edited && !this.#branched) return undefined;
    const en = [this.#edited && "weights that you changed by hand", this.#branched && "the other run"].filter(Boolean);
    const zh = [this.#edited && "你手动改的权重", this.#branched && "另一次训练"].filter(Boolean);
    return {
      en: `In the other language the page begins anew, without ${en.join(" and ")}: Export keeps what is shown. The settings go along.`,
      zh: `换语言会重新打开本页，${zh.join("和")}不会带过去：要保留当前的网络请先“导出”。设置会带过去。`,
    };
  }

  /** Place of a unit's map in a frame, counted in maps; the field's is 0. */
  mapOffset(place: { readonly layer: number; readonly unit: number } | undefined): number {
    if (!place) return 0;
    let at = 1 + place.unit;
    for (let k = 0; k < place.layer - 1; k++) if (this.columns[k]!.drawn) at += this.columns[k]!.units;
    return at;
  }

  /** Opens the refused update, step by step: its batch, and the weights before it. */
  async stepThrough(): Promise<void> {
    const [batch, weights] = await Promise.all([this.run.ask("batch"), this.run.ask("weights")]);
    const { setup } = this;
    const keys: [string, string][] = [
      ["data", "mine"],
      ["pts", writePoints(batch)],
      ["net", netText(setup.layers)],
      ["loss", lossOf(setup)],
      ["opt", setup.optimizer],
      ["lr", String(setup.rate)],
      ["seed", String(setup.seed)],
      ...(weights.length <= LIMITS.weights ? ([["w", writeWeights(weights)]] as [string, string][]) : []),
    ];
    const path = `${language === "zh" ? "zh/" : ""}backprop/index.html`;
    location.href = `${siteFile(path)}#${keys.map(([key, text]) => `${key}=${encodeURIComponent(text)}`).join("&")}`;
  }

  // --- for the tools

  /** Calls back when anything has changed, often. Gives the function that ends it. */
  listen(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** The maps of an earlier update are drawn; undefined: those of now. */
  lookBack(at: number | undefined): void {
    this.run.seek(at);
    this.onMark(at);
  }

  /** A second run begins at an earlier update; the first is kept to compare with. */
  async branch(at: number): Promise<void> {
    this.#branched = true;
    this.#went(await this.run.ask("branch", { at }), this.onBranch);
  }

  /** The other run goes on; this one is kept. */
  async swap(): Promise<void> {
    this.#went(await this.run.ask("swap"), this.onSwap);
  }

  #went({ updates }: { readonly updates: number }, call: (updates: number) => void): void {
    this.run.skip();
    this.halt = undefined;
    this.onMark(undefined);
    call(updates);
    this.#tell();
  }

  #tell(): void {
    this.onChange();
    for (const call of this.#listeners) call();
  }

  #showFingerprint(fingerprint: string, updates: number): void {
    showFingerprint(fingerprint, count(updates));
  }

  #failed(message: string): void {
    // once it has run, the engine is fine: it is the setup that can't be made
    if (this.engine) {
      this.running = false;
      toast({ en: message, zh: `无法这样训练：${librarySays(message)}` });
      this.#tell();
    } else this.#die(message, false);
  }

  #die(message: string, lost: boolean): void {
    this.fatal = true;
    this.running = false;
    if (lost) {
      return this.onFatal(
        { en: "The worker that trains has stopped.", zh: "负责训练的工作线程已停止。" },
        {
          en: "The browser may have run out of memory. The address still holds all settings: try again, or choose a smaller network.",
          zh: "可能是浏览器内存不足。所有设置仍在地址里：请再试一次，或选小一些的网络。",
        },
        message,
      );
    }
    if (isPolicy(message)) return this.onForbidden(message);
    const none = whyNoWorkers();
    if (none) return this.onFatal(none.what, none.todo, message);
    this.onFatal(
      { en: "The training could not be started.", zh: "训练无法开始。" },
      {
        en: "This browser, or an extension in it, keeps the page from starting a worker with WebAssembly SIMD. Update the browser or try another one. Nothing is lost: the address holds your settings.",
        zh: "浏览器或其扩展不让本页启动带 WebAssembly SIMD 的工作线程。请更新浏览器或换一个。什么都没有丢失：设置都在地址里。",
      },
      message,
    );
  }

  #hidden(): void {
    clearTimeout(this.#hiding);
    if (document.hidden) {
      if (!this.running) return;
      this.#hiding = setTimeout(() => {
        if (!this.running) return;
        this.#wasHidden = true;
        this.train(false);
      }, HIDDEN);
      return;
    }
    if (!this.#wasHidden) return;
    this.#wasHidden = false;
    this.train(true);
    toast(
      {
        en: "Training paused while this tab was hidden; it goes on now.",
        zh: "标签页隐藏时训练已暂停，现在继续。",
      },
      { label: { en: "Pause", zh: "暂停" }, press: () => this.train(false) },
    );
  }
}
