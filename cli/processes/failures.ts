// What goes wrong in ranks: it comes to the command that started them by the error output, where it is told once.
import { setTimeout } from "node:timers/promises";
import { addDeath, apartFromEnds, type Death, type Unreachable, unreachableIn } from "./mpirunErrors.ts";

/** What such a line begins with. */
const MARK = "\u001ewasmgrad-rank ";
/** Milliseconds in which the first rank, too, may meet what goes wrong: it is told without a number then. */
const PATIENCE = 2000;
/** Letters of a message that are told: mpirun mixes longer lines of several ranks. */
const MOST_LETTERS = 1500;

/** What went wrong in a rank. */
interface Failure {
  readonly rank: number;
  readonly message: string;
}

/** Tells the command that started this rank, and ends the process. */
export async function endFailed(rank: number, error: unknown): Promise<void> {
  const { message } = error as Error;
  const failure: Failure = { rank, message: message.replace(new RegExp(`^(.{${MOST_LETTERS}}).+`, "s"), "$1 ...") };
  await new Promise((resolve) => process.stderr.write(`${MARK}${JSON.stringify(failure)}\n`, resolve));
  if (rank > 0) await setTimeout(PATIENCE);
  process.exit(1);
}

/** That a rank has begun, and is which process. */
interface Begun {
  readonly rank: number;
  readonly pid: number;
}

/** Tells the command that started this rank that it runs. */
export const tellBegun = (rank: number): void =>
  void process.stderr.write(`${MARK}${JSON.stringify({ rank, pid: process.pid } satisfies Begun)}\n`);

/** What a rank has told; undefined if others have written in between. */
function readMark(text: string): Failure | Begun | undefined {
  try {
    return JSON.parse(text) as Failure | Begun;
  } catch {
    return undefined;
  }
}

/** What the error output of mpirun has told so far. */
export interface Told {
  readonly failures: readonly Failure[];
  /** Hosts that ssh can't reach: not all ranks have begun then. */
  readonly unreachable: readonly Unreachable[];
  /**
   * The rank that a signal has ended; -1 if it isn't known which.
   *
   * @param said lines that mpirun has written to the output
   */
  died(said: readonly string[]): { readonly rank: number; readonly signal: number } | undefined;
  /** What mpirun said of ranks that have ended. */
  readonly kept: readonly string[];
}

/**
 * Reads the error output of mpirun. Other lines are passed on, but for what mpirun says of it once it is known what went wrong, and of
 * ranks that have ended.
 *
 * @param ranks how many there are to be
 * @param lost is called when the first host is known that can't be reached
 */
export function errorsOf(
  stream: NodeJS.ReadableStream,
  ranks: number,
  pass: (line: string) => void,
  lost: () => void,
): Told {
  const failures: Failure[] = [];
  const unreachable: Unreachable[] = [];
  const begun: Begun[] = [];
  const death: Death = {};
  const kept: string[] = [];
  const takeOther = apartFromEnds(pass, kept);
  let rest = "";
  const take = (line: string): void => {
    const at = line.indexOf(MARK);
    if (at >= 0) {
      const told = readMark(line.slice(at + MARK.length));
      if (!told) pass(line);
      else if ("message" in told) failures.push(told);
      else begun.push(told);
      return;
    }
    const found = begun.length < ranks ? unreachableIn(line) : undefined;
    if (found && unreachable.push(found) === 1) lost();
    if (failures.length > 0 || unreachable.length > 0 || /: Forwarding signal \d+ to job$/.test(line)) return;
    addDeath(death, line);
    takeOther(line);
  };
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    lines.forEach(take);
  });
  stream.on("end", () => rest === "" || take(rest));
  return {
    failures,
    unreachable,
    kept,
    died(said) {
      for (const line of said) addDeath(death, line);
      if (death.signal === undefined) return undefined;
      const of = begun.filter(({ pid }) => pid === death.pid);
      return { rank: death.rank ?? (of.length === 1 ? of[0]!.rank : -1), signal: death.signal };
    },
  };
}

/** A message without the names in front of it: a rank that hears of another's failure tells it as its own, behind further words. */
const bare = (message: string): string => message.replace(/^(?:\w+: )+/, "");

/** The failures as one text: that of the first rank, which is most often that of all, and what is another one in others. */
export function failureText(failures: readonly Failure[]): string {
  const different: Failure[] = [];
  for (const failure of failures.toSorted((a, b) => a.rank - b.rank)) {
    const its = bare(failure.message);
    const isTold = ({ message }: Failure): boolean => bare(message).includes(its) || its.includes(bare(message));
    if (!different.some(isTold)) different.push(failure);
  }
  return different.map(({ rank, message }) => (rank === 0 ? message : `rank ${rank}: ${message}`)).join("\n");
}
