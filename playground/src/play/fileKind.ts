// What a file is, by its first bytes: nothing of the library is needed to say that.
import type { Text } from "../shell/text.ts";

/** What may be dropped as a model. */
export const EXPECTED: Text = {
  en: "Expected: a safetensors file that wasmgrad has saved, of a model with 2 inputs and dense layers, such as Export writes here.",
  zh: "需要：wasmgrad 保存的 safetensors 文件，模型有 2 个输入、由全连接层组成，例如此处“导出”写出的文件。",
};

/** First bytes of files that people have at hand. */
const KINDS: readonly (readonly [RegExp, Text])[] = [
  [/^89504e47/, { en: "a PNG image", zh: "PNG 图像" }],
  [/^ffd8ff/, { en: "a JPEG image", zh: "JPEG 图像" }],
  [/^25504446/, { en: "a PDF document", zh: "PDF 文档" }],
  [
    /^504b0304/,
    {
      en: "a zip archive (Office, PyTorch and Keras files are such)",
      zh: "zip 压缩包（Office、PyTorch 和 Keras 文件都是）",
    },
  ],
  [/^1f8b/, { en: "a gzip archive", zh: "gzip 压缩包" }],
  [/^89484446/, { en: "an HDF5 file", zh: "HDF5 文件" }],
  [/^0061736d/, { en: "a WebAssembly module", zh: "WebAssembly 模块" }],
];

/** Is it a safetensors file, going by its first bytes: the size of a header, then the header, which is JSON. */
export const looksLikeModel = (bytes: Uint8Array): boolean =>
  bytes.length > 9 && bytes[8] === 0x7b && bytes[7] === 0 && bytes[6] === 0;

/** What a file of another kind is, as far as it can be told. */
export function kindOfFile(bytes: Uint8Array): Text | undefined {
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return KINDS.find(([pattern]) => pattern.test(start))?.[1];
}
