// Which number of a step is looked at, and where one came from.
import type { Step } from "wasmgrad";
import { cellOf } from "../../steps/shown.ts";
import type { Arrow } from "../../steps/walk.ts";

const NOTHING: ReadonlySet<number> = new Set();

/** Where one came from by pressing operands. */
interface Came {
  readonly at: number;
  readonly name: string;
  readonly index: readonly number[] | undefined;
}

export class Attention {
  /** The numbers that were chosen, by the tensor's name: places as the library counts them. */
  readonly #chosen = new Map<string, readonly number[]>();
  #unveiled = new Map<string, ReadonlySet<number>>();
  readonly #trail: Came[] = [];
  /** Which of an arrow's steps the number belongs to: an update has several. */
  part = 0;

  /** The step whose number is looked at. */
  stepIn(arrow: Arrow | undefined): Step | undefined {
    return arrow?.steps[Math.min(this.part, arrow.steps.length - 1)];
  }

  chosen(name: string): readonly number[] | undefined {
    return this.#chosen.get(name);
  }

  choose(name: string, index: readonly number[]): void {
    this.#chosen.set(name, index);
  }

  /** The number that is looked at: a corner is often 0 times a weight; the last row's second column shows something. */
  indexIn(step: Pick<Step, "name" | "shape">): readonly number[] {
    const chosen = this.#chosen.get(step.name);
    const usual = step.shape.map((size, axis) =>
      axis === 0 && step.shape.length > 1 ? size - 1 : Math.min(1, size - 1),
    );
    if (chosen?.length !== step.shape.length) return usual;
    return chosen.map((place, axis) => Math.min(place, step.shape[axis]! - 1));
  }

  /** Reads the `cell` of a link: of an arrow with several steps the one whose number has so many places. Was it understood? */
  read(cell: string, arrow: Arrow | undefined): boolean {
    if (!/^\d+(\.\d+)*$/.test(cell)) return false;
    const index = cell.split(".").map((place) => Number(place) - 1);
    const steps = arrow?.steps ?? [];
    const part = steps.findIndex(({ shape }) => shape.length === index.length);
    if (part < 0 || index.some((place) => place < 0)) return false;
    this.part = part;
    this.choose(steps[part]!.name, index);
    return true;
  }

  // --- numbers that are guessed first

  unveiled(name: string): ReadonlySet<number> {
    return this.#unveiled.get(name) ?? NOTHING;
  }

  isUnveiled(step: Step | undefined, columnwise: boolean): boolean {
    return !step || this.unveiled(step.name).has(cellOf(step, this.indexIn(step), columnwise));
  }

  unveil(name: string, at: number): void {
    this.#unveiled.set(name, new Set([...this.unveiled(name), at]));
  }

  veil(): void {
    this.#unveiled = new Map();
  }

  // --- to where a number was made, and back

  leave(at: number, name: string): void {
    this.#trail.push({ at, name, index: this.#chosen.get(name) });
  }

  comeBack(): Came | undefined {
    const from = this.#trail.pop();
    if (from?.index) this.choose(from.name, from.index);
    return from;
  }
}
