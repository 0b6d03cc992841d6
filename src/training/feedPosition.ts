// Where batches that are made while training are, for checkpoints; and sources that go on from there.
import type { Batch, Source } from "../data/sources.ts";
import type { Core } from "../runtime/core.ts";
import { readValue, writeValue } from "../formats/values.ts";
import { clearTimeout, setTimeout } from "../runtime/timers.ts";
import { memoryHash } from "../runtime/memoryHash.ts";
import { checkKind } from "../util/check.ts";
import type { FeedPosition } from "./feed.ts";
import type { Pull } from "./pull.ts";
import { type Feed, type KeptFeed, UNKNOWN } from "./trainerState.ts";

/** What a source may offer, so that a training which is resumed needn't go through what it has had. */
interface Resumable {
  /** Where it is, after each batch: what it gives next. */
  state(): unknown;
  /** Goes there, maybe to its end; its iterator is asked for afterwards, and once more where it was the end of an epoch. */
  restore(state: unknown): void;
}

/** Where the training was. */
interface Place {
  /** Epochs that are done since the source was opened. */
  readonly epochs: number;
  /** Batches of the current one that are done. */
  readonly batch: number;
}

/** A copy of the source's own state, which may change while the next batch is made: undefined if it offers none. */
export function stateOf(opened: Partial<Resumable>, { shuffleBuffer }: Source): unknown {
  // rows that are mixed are in no state of its own
  return typeof opened.state === "function" && shuffleBuffer === 0 ? copyOf(opened.state()) : undefined;
}

const copyOf = (state: unknown): unknown => readValue(writeValue(state, "fit: the state of the source"));

/** Memory that a batch was in, and what its bytes were multiplied by. */
async function hashOf(core: Core, { ranges, data }: Pick<Feed, "ranges" | "data">): Promise<string> {
  return `${await memoryHash(core, ranges)} ${data?.x.scale}`;
}

/** What a checkpoint has of it. */
export async function keepFeed(core: Core, feed: Feed): Promise<KeptFeed> {
  const { most, rows, batches, done, after, hash = await hashOf(core, feed) } = feed;
  return { most, rows, batches, done, after, hash };
}

/** How long a training that is ended waits until its source says whether the epoch is over, in milliseconds. */
const PATIENCE = 1000;

/** Has a source no next batch, as far as it says so soon? */
export async function isOver(next: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = new Promise<true>((resolve) => (timer = setTimeout(() => resolve(true), PATIENCE)));
  const batch = await Promise.race([next, later]).catch(() => true);
  if (timer) clearTimeout(timer);
  return batch === undefined;
}

/** Goes on from what `keepFeed` gave. */
export function feedPosition(core: Core, kept: KeptFeed, place: Place): FeedPosition {
  let where = "";
  let before: Batch | undefined;
  return {
    most: kept.most,
    async skip(pull, epoch) {
      ({ where } = pull.options);
      before = await skip(pull, epoch, kept.after, place);
    },
    refuseEnd({ asked, epoch }) {
      throw new RangeError(
        `${where}: resumeFrom: the source gave ${asked - 1} batches in epoch ${epoch}, but had more of them when the checkpoint was made; ` +
          "it must give the same ones each time",
      );
    },
    async place(feed, next, write) {
      const { rows, batches, done, after, hash } = kept;
      Object.assign(feed, { rows, batches, done, after, hash });
      if (!before || hash === UNKNOWN) return;
      write(before);
      if ((await hashOf(core, feed)) !== hash) {
        throw new RangeError(
          `${where}: resumeFrom: the batch before the next one differs from the one that was computed before the checkpoint; a source must give the ` +
            "same ones each time: draw random numbers from what its function is given, or offer state and restore",
        );
      }
      write(next);
    },
  };
}

/** Begins an epoch where the training stood: by the source's own state, or through the batches before, the last of which is returned. */
async function skip(pull: Pull, epoch: number, after: unknown, { epochs, batch }: Place): Promise<Batch | undefined> {
  const { batches, rows, stepsPerEpoch, shuffleBuffer } = pull.source;
  const isMade = typeof (batches ?? rows) === "function";
  // it goes on from one epoch to the next, or rows do that are mixed with those of the next one
  const goesOn = stepsPerEpoch !== undefined && (!isMade || shuffleBuffer > 0);
  const before = goesOn ? epochs : 0;
  if (after !== undefined && (batch > 0 || (epochs > 0 && !isMade))) {
    // its last batch may have been the one before: what it did then, once that was asked for, it does now
    const again = goesOn || batch === 0;
    pull.begin(
      epoch,
      (opened: Partial<Resumable>) => {
        const { restore } = opened;
        const kind = "a function, as the checkpoint has a state of the source";
        checkKind(
          typeof restore === "function",
          `${pull.options.where}: resumeFrom`,
          "restore of the source",
          kind,
          restore,
        );
        opened.restore!(copyOf(after)); // it may go on to change it
      },
      again,
    );
    pull.asked = batch;
    return undefined;
  }
  let last: Batch | undefined;
  for (let at = epoch - before; at <= epoch; at++) {
    pull.begin(at);
    const count = at < epoch ? pull.steps : batch;
    // of those that are left out only the last one, which is compared, has to be what `map` makes of it
    const isLast = at === epoch || (at === epoch - 1 && batch === 0);
    for (let i = 0; i < count; i++) {
      last = await pull.next(isLast && i === count - 1);
      if (last) continue;
      throw new RangeError(
        `${pull.options.where}: resumeFrom: the source gave ${i} batches in epoch ${at}, but the checkpoint was made after ${count}; it must give ` +
          "the same ones each time",
      );
    }
    if (at < epoch) await pull.next(); // there is none: the source is let go
  }
  return last;
}
