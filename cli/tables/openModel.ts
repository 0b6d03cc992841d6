// Files of models that the commands read.
import { readFile } from "node:fs/promises";
import { tableModelFromBytes, type TableModel } from "../../src/data.ts";

/** Reads a model of tables. Messages begin with the command's name. */
export async function openModel(command: string, path: string): Promise<TableModel> {
  const bytes = await readModelFile(command, path);
  try {
    return await tableModelFromBytes(bytes, { name: path });
  } catch (error) {
    throw new Error(`${command}: ${(error as Error).message}`, { cause: error });
  }
}

/** The bytes of a model's file. */
export async function readModelFile(command: string, path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "EISDIR" ? "it is a folder; give a model's file" : cause.code;
    throw new Error(`${command}: ${path} can't be read (${why})`, { cause });
  });
}
