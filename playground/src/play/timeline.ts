// The past of a run: at most 240 snapshots. When they are full every second one goes, so that they lie evenly over the run,
// however long it gets: 1, 2, 4, 8 ... times as far apart.

export interface Snapshot<S> {
  /** Updates made before. */
  readonly at: number;
  readonly state: S;
}

export class Timeline<S> {
  readonly #most: number;
  #kept: Snapshot<S>[] = [];
  #apart = 1;

  /** @param most snapshots, an even number: fewer where one is large */
  constructor(most = 240) {
    this.#most = Math.max(4, most - (most % 2));
  }

  /** In the order of time. */
  get kept(): readonly Snapshot<S>[] {
    return this.#kept;
  }

  /** Updates between two snapshots, at the least: a power of two. */
  get apart(): number {
    return this.#apart;
  }

  /** Whether `add` would keep a snapshot of this time: ask before making it. */
  wants(at: number): boolean {
    const last = this.#kept.at(-1);
    return last === undefined || at >= last.at + this.#apart;
  }

  /** Keeps a snapshot, if it is time for one. */
  add(at: number, state: S): void {
    if (this.wants(at)) this.put(at, state);
  }

  /** Keeps a snapshot after all others, in place of one of the same time. */
  put(at: number, state: S): void {
    if (this.#kept.at(-1)?.at === at) this.#kept.pop();
    this.#kept.push({ at, state });
    while (this.#kept.length > this.#most) {
      // the first is the beginning of the run, and stays
      this.#apart *= 2;
      let last = -Infinity;
      this.#kept = this.#kept.filter((snapshot) => {
        if (snapshot.at < last + this.#apart) return false;
        last = snapshot.at;
        return true;
      });
    }
  }

  /** The last snapshot that isn't after this time; the first one before the beginning. */
  before(at: number): Snapshot<S> | undefined {
    return this.#kept.findLast((snapshot) => snapshot.at <= at) ?? this.#kept[0];
  }

  /** The same past up to this time, for another run that goes on from there. */
  branch(at: number): Timeline<S> {
    const other = new Timeline<S>(this.#most);
    other.#kept = this.#kept.filter((snapshot) => snapshot.at <= at);
    other.#apart = this.#apart;
    return other;
  }
}

/** How many snapshots of a size are kept: 240, or what 32 MB hold. */
export const snapshotsOf = (bytes: number): number => Math.min(240, Math.floor(2 ** 25 / Math.max(1, bytes)));
