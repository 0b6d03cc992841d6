// What ranks write to: the terminal of the command that started them, if it has one, though mpirun gives them a pipe, or a terminal of its own.
import { coloured } from "../draw.ts";
import { columns } from "../layout.ts";

/** The variable that says how wide the terminals of the output and of errors are; 0: none. Ranks of mpirun that a user started haven't got it. */
const VARIABLE = "WASMGRAD_TERMINAL";

/** Variables that tell ranks what the output of this process is like; undefined: they mustn't have it. */
export const outputVariables = (): Record<string, string | undefined> => {
  const of = (stream: NodeJS.WriteStream): string => String(stream.isTTY ? columns(stream) : 0);
  return {
    [VARIABLE]: `${of(process.stdout)} ${of(process.stderr)}`,
    FORCE_COLOR: coloured ? "1" : undefined,
    NO_COLOR: coloured ? undefined : "1",
  };
};

/** Was this process started as a rank by the command, so that another process shows what goes wrong in it? */
export const isStarted = (): boolean => process.env[VARIABLE] !== undefined;

/** Takes the output for what the command's that started this process is. */
export function takeTerminal(): void {
  const said = process.env[VARIABLE];
  if (said === undefined) return;
  const [out = 0, err = 0] = said.split(" ").map(Number);
  setTerminal(process.stdout, out);
  setTerminal(process.stderr, err);
}

/** Of a rank that shows nothing there is no terminal, either. */
export const withoutTerminal = (): void => setTerminal(process.stdout, 0);

function setTerminal(stream: NodeJS.WriteStream, wide: number): void {
  Object.defineProperty(stream, "isTTY", { value: wide > 0, configurable: true });
  Object.defineProperty(stream, "columns", { value: wide > 0 ? wide : undefined, configurable: true });
}
