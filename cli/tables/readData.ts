// Files of rows that the commands read.
import { readTable, table, type RawTable, type Rows } from "../../src/data.ts";
import { fitting } from "./tooLarge.ts";

/** A file that was read. */
export interface Data {
  readonly raw: RawTable;
  /** What it was taken for, in words: "CSV by commas". */
  readonly what: string;
}

/** Reads a file. Messages begin with the command's name. */
export async function readData(command: string, path: string): Promise<Data> {
  try {
    const reading = readTable(path);
    const raw = await table(fitting(path, reading));
    return { raw, what: (await reading.guessed).kind };
  } catch (error) {
    throw new Error(`${command}: ${(error as Error).message}`, { cause: error });
  }
}

/** The pieces of a file, one after the other. */
export async function* piecesOf(command: string, path: string): AsyncGenerator<Rows> {
  try {
    yield* readTable(path);
  } catch (error) {
    throw new Error(`${command}: ${(error as Error).message}`, { cause: error });
  }
}
