// Losses, right answers and speeds of a run, twice a second: numbers that change with every frame can't be read.
import { count, loss as lossText, percent, short } from "../../look/numbers.ts";
import type { Frame } from "../../play/protocol.ts";
import { view } from "../../shell/shell.ts";
import { T } from "../../shell/text.ts";

const EVERY = 500;

/** What the page and the worker did in a second, and milliseconds of script for a frame. */
export interface Speeds {
  readonly samples: number;
  readonly updates: number;
  readonly frames: number;
  readonly script: number;
}

export class Readouts {
  speeds: Speeds = { samples: 0, updates: 0, frames: 0, script: 0 };
  readonly #since = { at: performance.now(), rows: 0, updates: 0, frames: 0, script: 0 };

  /** Counts a frame whose drawing began then. Are there new speeds? */
  show(frame: Frame, began: number): boolean {
    const since = this.#since;
    const { running } = frame;
    since.rows += frame.done.rows;
    since.updates += frame.done.updates;
    since.frames++;
    since.script += performance.now() - began;
    const passed = began - since.at;
    const due = passed > EVERY || !running;
    if (due) {
      if (passed > 400) {
        this.speeds = {
          samples: (since.rows / passed) * 1000,
          updates: (since.updates / passed) * 1000,
          frames: (since.frames / passed) * 1000,
          script: since.script / since.frames,
        };
      }
      Object.assign(since, { at: began, rows: 0, updates: 0, frames: 0, script: 0 });
      write("train", Number.isFinite(frame.train) ? lossText(frame.train).slice(0, 7) : "–");
      write("test", Number.isFinite(frame.test) ? lossText(frame.test).slice(0, 7) : "–");
      write("right", Number.isFinite(frame.right) ? percent(frame.right) : "–");
      write(
        "rightname",
        frame.tested ? T({ en: "right, test", zh: "测试正确率" }) : T({ en: "right, training", zh: "训练正确率" }),
      );
      write("speed", running ? short(this.speeds.samples) : "–");
    }
    write("updates", `${count(frame.updates)} ${T({ en: frame.updates === 1 ? "update" : "updates", zh: "次更新" })}`);
    return due;
  }
}

function write(id: string, words: string): void {
  const element = view.querySelector(`#${id}`);
  if (element && element.textContent !== words) element.textContent = words;
}
