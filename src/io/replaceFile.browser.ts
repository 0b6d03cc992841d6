// What a page's bundle has in place of replaceFile.ts, by package.json's `browser`: there are no files.

const refuse = (where: string, instead: string): never => {
  throw new Error(`${where}: there is no file system here; ${instead}`);
};

export const fileSystem = refuse;
export const writableFile = async (where: string): Promise<never> => refuse(where, "run it in Node");
export const appendToFile = writableFile;
export const replaceFile = async (where: string): Promise<never> =>
  refuse(where, "modelToBytes(model) gives the same file as bytes");
