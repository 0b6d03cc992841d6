// How the ranks of a group speak with each other while they train: what one says, all learn, and what makes one fail ends the training of all.
import { agree, broadcast } from "../distributed/agreement.ts";
import type { Group } from "../distributed/group.ts";
import { packValue, unpackValue } from "../formats/packedValue.ts";
import { isObject, writtenOut } from "../util/check.ts";
import { NonFiniteError } from "./nonFinite.ts";

const NOTHING = new Uint8Array(0);

/** What a rank that has failed tells the others. */
interface Failure {
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

  /** @param where the function that was called, for messages */
  constructor(group: Group, where: string) {
    this.group = group;
    this.#where = where;
  }

  /**
   * Tells the others something, and learns what they say, in the order of ranks. Throws on all ranks if one of them has failed.
   *
   * @param failure what was thrown here, if anything was
   * @param pass of the update in which it was
   */
  async meet(mine: Uint8Array, failure?: { readonly thrown: unknown; readonly pass: number }): Promise<Uint8Array[]> {
    const bytes = failure ? packValue(failureOf(failure), this.#where) : mine;
    let said;
    try {
      said = await agree(this.group, { failed: failure !== undefined, bytes });
    } catch (error) {
      // nobody can be reached any more
      this.#over = true;
      throw (this.#failed = error);
    }
    const failures = said.flatMap(({ failed, bytes: its }, rank) =>
      failed ? [{ rank, ...(unpackValue(its) as Failure) }] : [],
    );
    if (failures.length === 0) return said.map((each) => each.bytes);
    const first = failures.reduce((one, other) => (other.pass < one.pass ? other : one));
    this.#over = true;
    // one's own is more than its words, but for passes, of which all tell the first
    const isOwn = failure && (first.rank === this.group.rank || first.pass === Infinity);
    this.#failed = isOwn ? failure.thrown : errorOf(first, this.#where);
    throw this.#failed;
  }

  /** Something was thrown here: tells the others, unless they know. Returns what all ranks throw. */
  async fail(thrown: unknown): Promise<unknown> {
    if (this.#over) return this.#failed;
    return this.meet(NOTHING, { thrown, pass: Infinity }).then(
      () => thrown,
      (error: unknown) => error,
    );
  }

  /** Refuses ranks that are about something else than rank 0, which is said line by line. */
  async compare(lines: readonly string[], advice: string): Promise<void> {
    const said = await this.meet(packValue(lines, this.#where));
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

  /** Everyone has come here without an error. */
  async end(): Promise<void> {
    await this.meet(NOTHING);
  }

  /** What rank 0 has, to all: `make` is called there. */
  async fromFirst(make: () => Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    const { rank } = this.group;
    const bytes = rank === 0 ? await make() : undefined;
    const mine = rank === 0 ? packValue(bytes?.length ?? -1, this.#where) : NOTHING;
    const [said] = await this.meet(mine);
    const length = unpackValue(said!) as number;
    return length < 0 ? undefined : broadcast(this.group, bytes ?? NOTHING, length);
  }
}

function failureOf({ thrown, pass }: { readonly thrown: unknown; readonly pass: number }): Failure {
  const its = isObject(thrown) ? (thrown as Partial<NonFiniteError>) : undefined;
  const message = typeof its?.message === "string" ? its.message : String(thrown);
  const nonFinite = its?.name === "NonFiniteError" ? ([its.step!, its.layer, its.tensor!] as const) : undefined;
  return { message, pass, nonFinite };
}

/** The error of another rank. */
function errorOf({ rank, message, nonFinite }: Failure & { readonly rank: number }, where: string): Error {
  if (nonFinite) return new NonFiniteError(message, ...nonFinite);
  return new Error(`${where}: rank ${rank} of the group failed: ${message}`);
}
