// The bundled command as users run it: in a folder of its own, what it says, and what it leaves there.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The program. */
export const program = join(import.meta.dirname, "../../build/cli.js");

/** How a command ended, and what it said. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** How a command is run besides its words. */
export interface Running {
  /** The folder. */
  readonly cwd: string;
  /** Of the lines; default 100. */
  readonly columns?: number;
  /** What it reads from the standard input, which then ends, but where `open` says that more may come. Default: nothing can be read. */
  readonly input?: string | Uint8Array;
  readonly open?: boolean;
  /** Variables of the environment besides. */
  readonly variables?: NodeJS.ProcessEnv;
  /** Is called while it runs, about every 10 ms, with what it said so far; a signal that it gives ends the command. */
  readonly look?: (out: string) => NodeJS.Signals | undefined;
}

/** Runs the command without a terminal. */
export function runCommand(
  args: readonly string[],
  { cwd, columns = 100, input, open = false, variables = {}, look }: Running,
): Promise<Outcome> {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "", COLUMNS: String(columns), ...variables };
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.on("error", () => {}); // it may end without having read all
  if (input !== undefined) child.stdin!.write(input);
  if (!open) child.stdin?.end();
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout!.on("data", (chunk: Buffer) => void out.push(chunk));
  child.stderr!.on("data", (chunk: Buffer) => void err.push(chunk));
  const looking = look
    ? setInterval(() => {
        const signal = look(String(Buffer.concat(out)));
        if (signal === undefined) return;
        clearInterval(looking);
        child.kill(signal);
      }, 10)
    : undefined;
  return new Promise((resolve) =>
    child.on("close", (code) => {
      clearInterval(looking);
      resolve({ code, out: String(Buffer.concat(out)), err: String(Buffer.concat(err)) });
    }),
  );
}

/** How a training is ended. */
export interface Ending extends Running {
  /** The folder of its checkpoints. What is beside it is as it was where the training is begun again. */
  readonly run: string;
  /** Milliseconds from the moment at which it trains. */
  readonly after: number;
  /** Did it come so far that the signal was too late? Default: it ended well. */
  readonly late?: (outcome: Outcome) => boolean;
}

/** The training that holds the folder of checkpoints, if any does, or has died there. */
function holderOf(run: string): string | undefined {
  try {
    return /"token": ?"([^"]+)"/.exec(readFileSync(join(run, ".wasmgrad.lock"), "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Runs a command that trains with checkpoints, and ends it by a signal while it does. How fast a machine is, and how busy, is known to
 * nobody: where it was faster than the signal, all is put back as it was, and the signal comes after half the time, at last at once.
 */
export async function endCommand(args: readonly string[], signal: NodeJS.Signals, how: Ending): Promise<Outcome> {
  const { run, late = ({ code }) => code === 0, ...running } = how;
  const place = dirname(run);
  const copy = mkdtempSync(join(tmpdir(), "wasmgrad-before-"));
  cpSync(place, copy, { recursive: true });
  try {
    for (let tries = 1, { after } = how; ; tries++, after = after < 10 ? 0 : after / 2) {
      const before = holderOf(run);
      // one that is resumed has said long ago how it was begun
      const resumed = existsSync(join(run, "run.json"));
      const trains = (): boolean => {
        if (!resumed) return existsSync(join(run, "run.json"));
        const holder = holderOf(run);
        return holder !== undefined && holder !== before;
      };
      let since: number | undefined;
      const look = (): NodeJS.Signals | undefined => {
        if (since === undefined && !trains()) return undefined;
        since ??= performance.now();
        return performance.now() - since >= after ? signal : undefined;
      };
      const outcome = await runCommand(args, { ...running, look });
      if (!late(outcome) || tries === 20) return outcome;
      rmSync(place, { recursive: true });
      cpSync(copy, place, { recursive: true });
    }
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Rows of a table as CSV; cells that need it are quoted. */
export function csvText(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number): string =>
    /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  return [columns, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}

/** Rents of 200 rooms: numbers, and words that say little. */
export const rooms = csvText(
  ["size", "floor", "colour", "rent"],
  Array.from({ length: 200 }, (_, i) => [
    ((i * 37) % 200) / 10,
    i % 7,
    ["red", "green", "blue"][(i * 7) % 3]!,
    3 * ((i * 37) % 200) - 20 * (i % 7),
  ]),
);
