// How the ranks of a group speak with each other while they train: what one says, all learn, and what makes one fail ends the training of all.
import { agree, broadcast } from "../distributed/agreement.ts";
import type { Group } from "../distributed/group.ts";
import { packValue, unpackValue } from "../formats/packedValue.ts";
import { isObject, writtenOut } from "../util/check.ts";
import { NonFiniteError } from "./nonFinite.ts";

const NOTHING = new Uint8Array(0);

/** What ranks meet about, in words before the function: all must have come for the same. */
const TOPICS = {
  failed: "has failed in",
  checkpoint: "looks for a checkpoint in",
  start: "begins",
  update: "makes an update of",
  epoch: "ends an update or an epoch of",
  figures: "measures the model in",
  end: "is done with",
};
type Topic = keyof typeof TOPICS;
const NAMES = Object.keys(TOPICS) as Topic[];
/** The number of a topic: those of `evaluate` are others. That of a failure is 0. */
const numberOf = (topic: Topic, where: string): number =>
  NAMES.indexOf(topic) + (where === "evaluate" ? NAMES.length : 0);
const whereOf = (number: number): string => (number >= NAMES.length ? "evaluate" : "fit");

/** Groups whose ranks train, and who trains with them. */
const training = new WeakMap<Group, { readonly inCallback?: boolean }>();

/** Groups whose ranks measure, in a callback or not, until they are done. */
const measuring = new WeakMap<Group, Promise<void>>();

/** Groups that a callback has used alone, and what came of it: their ranks don't wait for each other any more. */
const apart = new WeakMap<Group, unknown>();

/** What a rank that has failed tells the others. */
interface Failure {
  /** The function that was called. */
  readonly where: string;
  readonly message: string;
  /** The pass of an update that failed: of several the first counts, whoever ran it. */
  readonly pass: number;
  /** What a `NonFiniteError` has besides. */
  readonly nonFinite: readonly [step: number, layer: string | undefined, tensor: string] | undefined;
}

export class RankTalk {
  readonly group: Group;
  readonly #where: string;
  /** All know that the training has failed. */
  #failed: unknown;
  #over = false;
  #done = (): void => {};

  /**
   * Refuses a group that is used already.
   *
   * @param where the function that was called, for messages
   */
  constructor(group: Group, where: string) {
    const other = training.get(group);
    const isTraining = other !== undefined && (where === "fit" || !other.inCallback);
    if (isTraining || measuring.has(group)) {
      throw new Error(
        `${where}: ${isTraining ? "a fit" : "an evaluate"} is using the group, and two at once would mix up what ranks tell each other; await one ` +
          `before the next${isTraining && where !== "fit" ? ", or call it in a callback of that fit" : ""}`,
      );
    }
    this.group = group;
    this.#where = where;
  }

  /** The group is in use until `release`: by a `fit`, in whose callbacks alone it may be used, too, or to measure. */
  hold(state: { readonly inCallback?: boolean }): void {
    if (this.#where === "fit") training.set(this.group, state);
    else measuring.set(this.group, new Promise((resolve) => (this.#done = resolve)));
  }

  release(): void {
    if (this.#where === "fit") {
      training.delete(this.group);
      apart.delete(this.group);
    } else {
      measuring.delete(this.group);
      this.#done();
    }
  }

  /**
   * Tells the others something, and learns what they say, in the order of ranks. Throws on all ranks if one of them has failed.
   *
   * @param failure what was thrown here, if anything was, and in which pass of the update
   */
  async meet(
    topic: Topic,
    mine: Uint8Array,
    failure?: { readonly thrown: unknown; readonly pass: number },
  ): Promise<Uint8Array[]> {
    // an evaluate that a callback didn't await: all ranks have it end first
    if (this.#where === "fit") await measuring.get(this.group);
    if (apart.has(this.group)) return this.#end(apart.get(this.group));
    const where = this.#where;
    let said;
    try {
      const its = failure ? { topic: 0, bytes: packValue({ where, ...failureOf(failure) }, where) } : undefined;
      said = await agree(this.group, its ?? { topic: numberOf(topic, where), bytes: mine });
    } catch (error) {
      // nobody can be reached any more
      return this.#end(error);
    }
    const failures = said.flatMap((each, rank) =>
      each.topic === 0 ? [{ rank, ...(unpackValue(each.bytes) as Failure) }] : [],
    );
    const isApart =
      failures.some((its) => its.where !== where) || said.some(({ topic: its }) => its > 0 && whereOf(its) !== where);
    const odd = said.findIndex((each) => each.topic !== said[0]!.topic);
    if (failures.length === 0 && odd > 0) {
      const does = (rank: number): string => {
        const { topic: its } = said[rank]!;
        return `rank ${rank} ${TOPICS[NAMES[its % NAMES.length]!]} ${whereOf(its)}`;
      };
      const text = `${does(odd)}, while ${does(0)}; all must call fit and evaluate with the group in the same order, with the same options`;
      return this.#end(new Error(`${where}: ${text}`), isApart);
    }
    if (failures.length === 0) return said.map((each) => each.bytes);
    const first = failures.reduce((one, other) => (other.pass < one.pass ? other : one));
    // one's own is more than its words, but for passes, of which all tell the first
    const isOwn = failure && (first.rank === this.group.rank || first.pass === Infinity);
    return this.#end(isOwn ? failure.thrown : errorOf(first, where), isApart);
  }

  /** Throws what all know. `isApart`: they are in the middle of different functions. */
  #end(error: unknown, isApart = false): never {
    if (isApart && training.has(this.group)) apart.set(this.group, error);
    this.#over = true;
    this.#failed = error;
    throw error;
  }

  /** Something was thrown here: tells the others, unless they know. Returns what all ranks throw. */
  async fail(thrown: unknown): Promise<unknown> {
    if (this.#over) return this.#failed;
    return this.meet("failed", NOTHING, { thrown, pass: Infinity }).then(
      () => thrown,
      (error: unknown) => error,
    );
  }

  /** Refuses ranks that are about something else than rank 0, which is said line by line. */
  async compare(lines: readonly string[], advice: string, topic: Topic = "start"): Promise<void> {
    const said = await this.meet(topic, packValue(lines, this.#where));
    const all = said.map((bytes) => unpackValue(bytes) as string[]);
    const first = all[0]!;
    all.forEach((theirs, rank) => {
      const lengths = Math.max(first.length, theirs.length);
      const differs = Array.from({ length: lengths }, (_, i) => i).find((i) => theirs[i] !== first[i]);
      if (differs === undefined) return;
      const has = (its: readonly string[]): string => writtenOut(its[differs] ?? "nothing more");
      throw new RangeError(
        `${this.#where}: rank ${rank} has ${has(theirs)}, where rank 0 has ${has(first)}; ${advice}`,
      );
    });
  }

  /** Everyone has come here without an error, and all with the same in hand. */
  async end(line: string, advice: string): Promise<void> {
    await this.compare([line], advice, "end");
  }

  /** What rank 0 has, to all: `make` is called there. */
  async fromFirst(make: () => Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    const { rank } = this.group;
    const bytes = rank === 0 ? await make() : undefined;
    const mine = rank === 0 ? packValue(bytes?.length ?? -1, this.#where) : NOTHING;
    const [said] = await this.meet("checkpoint", mine);
    const length = unpackValue(said!) as number;
    return length < 0 ? undefined : broadcast(this.group, bytes ?? NOTHING, length);
  }
}

function failureOf({ thrown, pass }: { readonly thrown: unknown; readonly pass: number }): Omit<Failure, "where"> {
  const its = isObject(thrown) ? (thrown as Partial<NonFiniteError>) : undefined;
  const message = typeof its?.message === "string" ? its.message : String(thrown);
  const nonFinite = its?.name === "NonFiniteError" ? ([its.step!, its.layer, its.tensor!] as const) : undefined;
  return { message, pass, nonFinite };
}

/** The error of another rank. */
function errorOf({ rank, message, nonFinite }: Failure & { readonly rank: number }, where: string): Error {
  if (nonFinite) return new NonFiniteError(message, ...nonFinite);
  const words = message.startsWith(`${where}: `) ? message.slice(where.length + 2) : message;
  return new Error(`${where}: rank ${rank} of the group failed: ${words}`);
}
