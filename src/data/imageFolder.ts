// A folder of pictures by class. What reads them is fetched when it is asked for.
import { checkKeys, checkKind } from "../util/check.ts";
import type { ImageFolder, ImageFolderOptions } from "./imageFiles.ts";
import { checkPixelOptions } from "./resize.ts";

/**
 * A folder of pictures (Node, Deno, Bun): each folder in it is a class, and the PNG and JPEG files in that, or in folders of it, are its
 * rows. PNG is read by the npm package `pngjs`, JPEG by `jpeg-js`: install what you need, or give `decode`. The first picture is read at
 * once, the others when they are needed: `read()` gives all of them as bytes, `rows` one after another, for more than memory holds.
 *
 * Pictures become rows as by `fromPixels`: bytes with a scale of 1 / 255, in [height, width, channels] order, resized by means of areas
 * with integers alone. A rotation that a camera noted beside the pixels isn't applied.
 *
 * @param directory the folder; labels count its folders in the order of their names' code points
 * @param options.channels 1: grey, 3: red, green, blue, 4: with alpha; default 3
 * @param options.size [height, width] of each row; default: all pictures must have one size
 * @param options.background colour beneath pixels that aren't opaque, a byte or three of them; default 0, black
 * @param options.decode gives the pixels of a file of any kind, in place of the two packages
 * @throws {TypeError} if an option can't be used
 * @throws {Error} if the folder can't be read or has no classes with pictures, a file is neither PNG nor JPEG, or damaged, its package
 *   isn't installed, or there is no file system
 * @throws {RangeError} if pictures of several sizes are read without `size`
 * @example
 * // pets/cat/*.jpg, pets/dog/*.jpg, ...
 * const pets = await imageFolder("pets", { size: [64, 64] });
 * const layers = [conv2d(8, { kernelSize: 3 }), relu(), maxPool2d(4), flatten(), dense(pets.classes.length)];
 * const model = await sequential({ input: pets.shape, seed: 1 }, ...layers);
 * const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
 * await trainer.fit(await pets.read(), { epochs: 5, validationSplit: 0.2 });
 * await trainer.fit(rows(pets.rows), { epochs: 5 }); // the same of more than memory holds
 */
export async function imageFolder(directory: string, options: ImageFolderOptions = {}): Promise<ImageFolder> {
  checkKind(typeof directory === "string", "imageFolder", "the directory", "a path", directory);
  checkKeys("imageFolder", options, ["channels", "size", "background", "decode"]);
  const { decode } = options;
  const known = decode === undefined || typeof decode === "function";
  checkKind(known, "imageFolder", "decode", "a function of (bytes, file)", decode);
  const form = checkPixelOptions("imageFolder", options);
  return (await import("./imageFiles.ts")).readImageFolder(directory, { ...form, decode });
}
