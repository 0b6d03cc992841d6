// Files of torch.onnx.export of networks with sizes at random: they give PyTorch's outputs. LONG=1 takes more of them.
import { describe, test } from "vitest";
import { fromOnnx } from "../../../src/onnx.ts";
import { needsTorch, skipsTorch } from "../../support/torch.ts";
import { checkOutputs } from "./torchChecks.ts";
import { randomExports, torchBytes, torchRows } from "./torchFiles.ts";

const [seed, count] = process.env["LONG"] ? [2, 2000] : [1, 60];

describe.skipIf(skipsTorch)(`networks with sizes at random${needsTorch}`, () => {
  test.each(randomExports(seed, count))("$name", async (file) => {
    const model = await fromOnnx(torchBytes(file), { name: file.name });
    checkOutputs(model, await torchRows(file));
  });
});
