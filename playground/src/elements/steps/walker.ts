// What <wasmgrad-steps> knows and does, without its looks.
import type { Input, NonFiniteError, Step, Target, Trainer } from "wasmgrad";
import type { PropertyValues } from "lit";
import type { Text } from "../../shell/text.ts";
import {
  BATCH,
  type FixedRows,
  isInTurn,
  modelOf,
  type Plan,
  type RowsChoice,
  USUAL,
  writeRuns,
} from "../../steps/nets.ts";
import type { Session } from "../../steps/session.ts";
import { type Arrow, type Check, checkOf, type Look, lookAt } from "../../steps/walk.ts";
import { Glass, word } from "../glass.ts";
import { Attention } from "./attention.ts";
import type { Place } from "./scene.ts";
import { planOf, startFrom, startWith } from "./start.ts";
import { TEXTS } from "./texts.ts";

/** Milliseconds an arrow, when played. */
const PACE = 1600;

/** What a page keeps of it in its URL. */
export interface Trained {
  readonly updates: number;
  readonly loss: number;
  readonly fingerprint: string;
  /** The updates since the start. */
  readonly trained: string;
  /** All parameters, if some were typed and the updates began with them. */
  readonly weights: Float32Array | undefined;
}

/** Properties, the session behind them, and the ways through it. */
export abstract class Walker extends Glass {
  static override properties = {
    data: {},
    net: {},
    layout: { attribute: "hidden" },
    pts: {},
    seed: { type: Number },
    lr: { type: Number },
    loss: {},
    opt: {},
    step: { type: Number },
    cell: word(""),
    rows: word("all"),
    trained: word("0"),
    weights: { attribute: false },
    columnwise: { type: Boolean, attribute: "columns" },
    veiled: { type: Boolean, attribute: "veiled" },
    projector: { type: Boolean, reflect: true },
    fixed: { type: Boolean, reflect: true },
    trainer: { attribute: false },
    x: { attribute: false },
    y: { attribute: false },
    version: { state: true },
    replaying: { state: true },
    playing: { state: true },
    speed: { state: true },
    halted: { state: true },
    broken: { state: true },
    note: { state: true },
    check: { state: true },
    pointed: { state: true },
    how: { state: true },
  };
  declare data: string;
  declare net: string | undefined;
  declare layout: string | undefined;
  /** Points of one's own, for `data="mine"`, as the Play page's links have them. */
  declare pts: string | undefined;
  declare seed: number;
  declare lr: number;
  declare loss: string;
  declare opt: string;
  /** The number of the arrow, from 1; 0: what is given. */
  declare step: number;
  /** Row and column of the number that is looked at, from 1, samples in rows: `4.2`. */
  declare cell: string;
  /** `all`, a batch `b0`, the number of a row, from 0; `turn`: each update takes the next row, `bturn`: the next batch. */
  declare rows: RowsChoice;
  /** Updates that are made before, as in `update`'s detail. */
  declare trained: string;
  /** Parameters to begin with, one after another; by default random ones by the seed. */
  declare weights: Float32Array | undefined;
  declare columnwise: boolean;
  declare veiled: boolean;
  /** Without what is beside the step. */
  declare projector: boolean;
  /** The controls are at the foot of the window. */
  declare fixed: boolean;
  declare trainer: Trainer | undefined;
  declare x: Input | undefined;
  declare y: Target | undefined;
  declare version: number;
  /** Updates of a link are being made again, for longer than a moment. */
  declare replaying: boolean;
  declare playing: boolean;
  declare speed: number;
  declare halted: NonFiniteError | undefined;
  declare broken: string | undefined;
  declare note: Text | undefined;
  declare check: Check | undefined;
  declare pointed: Place | undefined;
  declare how: boolean;
  protected session: Session | undefined;
  look: Look | undefined;
  /** The values of each row of x, where samples are named by them. */
  own: readonly (readonly number[])[] | undefined;
  protected readonly attention = new Attention();
  /** The sample that the drawing shows, and its row among those that are shown. */
  protected sample = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #makings = 0;
  /** What the attributes say isn't there yet; what is shown, if anything is, belongs to what they said before. */
  protected making = false;

  constructor() {
    super();
    this.data = USUAL.data;
    this.seed = USUAL.seed;
    this.lr = USUAL.rate;
    this.loss = USUAL.loss;
    this.opt = USUAL.optimizer;
    this.step = 0;
    this.cell = "";
    this.rows = "all";
    this.trained = "0";
    this.columnwise = false;
    this.veiled = false;
    this.projector = false;
    this.fixed = false;
    this.version = 0;
    this.replaying = false;
    this.playing = false;
    this.speed = 1;
    this.how = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.making) void this.#make();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#pause();
    this.#makings++; // what isn't there yet is made when the element comes back
  }

  // --- what is walked through

  /** The network in words, by the attributes; what isn't understood is as usual. */
  get plan(): Plan {
    return planOf(this);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const has = (...keys: string[]): boolean => keys.some((key) => (changed as ReadonlyMap<string, unknown>).has(key));
    if (has("trainer", "x", "y") || (!this.trainer && has("data", "pts", "net", "layout", "seed", "lr", "loss", "opt")))
      void this.#make();
    else if (this.session) {
      if (has("weights", "trained") && !this.trainer && this.#isOther()) void this.#make();
      else if (has("rows")) this.again();
    }
    if (has("cell") && this.look) this.attention.read(this.cell, this.arrow);
    if (has("veiled", "rows")) this.attention.veil();
  }

  /** Do `weights` and `trained` say something else than what is there? A page that keeps both in its URL sets what it was told. */
  #isOther(): boolean {
    const { runs, typed } = this.session!;
    const { weights } = this;
    if (this.trained !== writeRuns(runs)) return true;
    if (!typed || !weights) return typed !== weights;
    return typed.length !== weights.length || typed.some((v, i) => !Object.is(v, weights[i]));
  }

  async #make(): Promise<void> {
    const making = ++this.#makings;
    const { trainer, x, y } = this;
    this.#pause();
    this.making = !trainer || (x !== undefined && y !== undefined);
    if (!this.making || !this.isConnected) return;
    try {
      const { plan } = this;
      const model = trainer ? undefined : await modelOf(plan);
      if (making !== this.#makings) return;
      const { weights, trained } = this;
      const isSame = (): boolean => weights === this.weights && trained === this.trained;
      const wanted = (): boolean => {
        if (making !== this.#makings) return false;
        this.replaying = true;
        return isSame();
      };
      const start = model ? await startFrom(model, plan, weights, trained, wanted) : startWith(trainer!, x!, y!);
      if (making !== this.#makings) return;
      if (!isSame()) return this.#make();
      this.making = this.replaying = false;
      this.halted = start.halted;
      if (start.wrongWeights) this.note = TEXTS.wrongWeights;
      this.session = start.session;
      this.own = start.own;
      this.broken = undefined;
      this.again();
      if (this.attention.read(this.cell, this.arrow)) this.requestUpdate();
      await this.updateComplete;
      this.told("ready");
    } catch (error) {
      if (making !== this.#makings) return;
      this.making = this.replaying = false;
      this.broken = String(error);
      this.tell("ready");
    }
  }

  /** Looks again: other weights, or other rows. */
  protected again(): void {
    const session = this.session!;
    const rows = this.rowsNow();
    this.look = lookAt(session.trainer, session.x(rows), session.y(rows));
    this.check = undefined;
    this.pointed = undefined;
    this.step = Math.max(0, Math.min(this.look.arrows.length, Math.round(this.step) || 0));
    this.version++;
    // after what is seen: the check moves each parameter
    const { version } = this;
    setTimeout(() => {
      if (version !== this.version || !this.look) return;
      try {
        this.check = checkOf(session.trainer, session.x(rows), session.y(rows), this.look);
      } catch {
        this.check = undefined; // no loss to be measured, as in the moment of NaN
      }
    });
  }

  /** The rows that are chosen, where there are such rows. */
  protected get choice(): RowsChoice {
    const { rows } = this;
    const count = this.session?.count ?? 0;
    if (isInTurn(rows)) return rows === "turn" || count > BATCH ? rows : "turn";
    const number = Number(rows.replace("b", ""));
    if (rows === "all" || !/^b?\d+$/.test(rows)) return "all";
    return number < (rows.startsWith("b") ? Math.ceil(count / BATCH) : count) ? rows : "all";
  }

  /** The rows that are shown, which the next update uses. */
  protected rowsNow(): FixedRows {
    return this.session?.next(this.choice) ?? "all";
  }

  protected told(name = "update"): void {
    const session = this.session!;
    const { trainer, runs } = session;
    const detail: Trained = {
      updates: trainer.updates,
      loss: this.look!.loss,
      fingerprint: trainer.model.fingerprint(),
      trained: writeRuns(runs),
      weights: session.typed,
    };
    if (!this.trainer) {
      this.trained = detail.trained;
      this.weights = detail.weights;
    }
    this.tell(name, detail);
  }

  // --- where one is

  protected get arrow(): Arrow | undefined {
    return this.look?.arrows[this.step - 1];
  }

  /** The step whose number is looked at. */
  protected get now(): Step | undefined {
    return this.attention.stepIn(this.arrow);
  }

  /** Goes to an arrow. */
  go(at: number): void {
    const most = this.look?.arrows.length ?? 0;
    const next = Math.max(0, Math.min(most, at));
    if (next === this.step) return;
    this.step = next;
    this.attention.part = 0;
    this.pointed = undefined;
    this.how = false;
    this.#tellStep();
  }

  #tellStep(): void {
    const step = this.now;
    const index = step ? this.attention.indexIn(step) : [];
    this.cell = "";
    this.tell("step", {
      at: this.step,
      of: this.look?.arrows.length ?? 0,
      name: step?.name ?? "",
      cell: index.map((i) => i + 1).join("."),
    });
  }

  /** The next arrow; after the last the update is made, and one begins again with the new weights. */
  next(): void {
    if (!this.look) return;
    if (this.step < this.look.arrows.length) return this.go(this.step + 1);
    const { choice } = this;
    this.train(1);
    if (this.halted) return;
    // of one sample: the next one; of a batch: the next batch
    if (!isInTurn(choice)) this.nextRows(1, false);
    this.go(1);
  }

  back(): void {
    this.go(this.step - 1);
  }

  /** Updates with the rows that are shown. */
  train(count: number): void {
    const session = this.session;
    if (!session || this.making) return;
    this.halted = session.train(this.choice, count);
    this.attention.veil();
    this.again();
    this.told();
  }

  /** Undoes the last updates, or the last number that was typed. */
  undo(): void {
    const session = this.session;
    if (!session?.canGoBack || this.making) return;
    session.back();
    this.halted = undefined;
    this.again();
    this.told();
  }

  show(rows: RowsChoice): void {
    if (rows === this.rows) return;
    this.rows = rows;
    this.sample = Infinity;
    this.tell("rows", { rows });
  }

  /** The next sample or batch; from all rows to the first sample, where there is none yet. */
  protected nextRows(by: number, samples = true): void {
    const count = this.session?.count ?? 1;
    const rows = this.rowsNow();
    if (rows === "all") return samples ? this.show("0") : undefined;
    const batches = rows.startsWith("b");
    const many = batches ? Math.ceil(count / BATCH) : count;
    const next = (Number(rows.replace("b", "")) + by + many) % many;
    this.show(batches ? `b${next}` : `${next}`);
  }

  // --- playing

  togglePlay(): void {
    if (this.playing) return this.#pause();
    if (this.look && this.step >= this.look.arrows.length) this.go(0);
    this.playing = true;
    this.note = undefined;
    this.next();
    this.#tick();
  }

  #tick(): void {
    clearTimeout(this.#timer);
    if (!this.playing) return;
    const { arrows } = this.look!;
    if (this.step >= arrows.length) return this.#pause();
    // once, before the way back
    if (this.arrow?.part === "loss") {
      this.note = TEXTS.backwards;
      return this.#pause();
    }
    this.#timer = setTimeout(() => {
      this.go(this.step + 1);
      this.#tick();
    }, PACE / this.speed);
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.playing = false;
  }
}
