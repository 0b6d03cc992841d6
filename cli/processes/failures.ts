// What goes wrong in ranks: it comes to the command that started them by the error output, where it is told once.
import { setTimeout } from "node:timers/promises";

/** What such a line begins with. */
const MARK = "\u001ewasmgrad-rank ";
/** Milliseconds in which the first rank, too, may meet what goes wrong: it is told without a number then. */
const PATIENCE = 2000;

/** What went wrong in a rank. */
interface Failure {
  readonly rank: number;
  readonly message: string;
}

/** Tells the command that started this rank, and ends the process. */
export async function endFailed(rank: number, error: unknown): Promise<void> {
  const failure: Failure = { rank, message: (error as Error).message };
  await new Promise((resolve) => process.stderr.write(`${MARK}${JSON.stringify(failure)}\n`, resolve));
  if (rank > 0) await setTimeout(PATIENCE);
  process.exit(1);
}

/** Reads the error output of mpirun. Other lines are passed on, but for what mpirun says of it once a rank has told what went wrong. */
export function failuresOf(stream: NodeJS.ReadableStream, pass: (line: string) => void): () => readonly Failure[] {
  const failures: Failure[] = [];
  let rest = "";
  const take = (line: string): void => {
    const at = line.indexOf(MARK);
    if (at >= 0) failures.push(JSON.parse(line.slice(at + MARK.length)) as Failure);
    else if (failures.length === 0 && !/: Forwarding signal \d+ to job$/.test(line)) pass(line);
  };
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    lines.forEach(take);
  });
  stream.on("end", () => rest === "" || take(rest));
  return () => failures;
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
