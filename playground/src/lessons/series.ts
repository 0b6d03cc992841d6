// What is kept of a training that may be long: as many values as a curve can show.

/** Values by the number of updates. Beyond so many, every second one goes; the first and the newest are always there. */
export class Series<T> {
  #updates: number[] = [];
  #values: T[] = [];
  #every = 1;
  static readonly MOST = 500;

  get updates(): readonly number[] {
    return this.#updates;
  }

  get values(): readonly T[] {
    return this.#values;
  }

  /** The value after so many updates; one that is there already is replaced. */
  add(update: number, value: T): void {
    const [last = -1, before = -1] = [this.#updates.at(-1), this.#updates.at(-2)];
    // what came before its turn was there as the newest alone
    const stays = last % this.#every === 0 || last - before >= this.#every;
    if (last === update || !stays) {
      this.#updates.pop();
      this.#values.pop();
    }
    this.#updates.push(update);
    this.#values.push(value);
    if (this.#updates.length <= Series.MOST) return;
    this.#every *= 2;
    const newest = this.#updates.length - 1;
    const stay = (_: unknown, i: number): boolean => i % 2 === 0 || i === newest;
    this.#updates = this.#updates.filter(stay);
    this.#values = this.#values.filter(stay);
  }

  clear(): void {
    this.#updates = [];
    this.#values = [];
    this.#every = 1;
  }
}
