// The library's own sentences, as it says them, have Chinese wordings on the site.
import { afterEach, describe, expect, test, vi } from "vitest";
import { inChinese } from "../../playground/src/shell/librarySays.ts";
import {
  adamw,
  backend,
  dense,
  hardSigmoid,
  meanAbsoluteError,
  meanSquaredError,
  sequential,
  sgd,
  Trainer,
} from "../../src/index.ts";

afterEach(() => vi.unstubAllGlobals());

describe("what the library says, in Chinese", () => {
  test("why there is one thread", async () => {
    vi.stubGlobal("crossOriginIsolated", false);
    const model = await sequential({ input: 1, seed: 1, threads: 2 }, dense(1));
    const { reason } = backend(model);
    expect(inChinese(reason!)).toMatch(
      /^本页没有与其他网页隔离；服务器须发送 Cross-Origin-Opener-Policy: same-origin 和 /,
    );
  });

  test.each([
    ["a loss that is infinite", 1e30, 0.1, /^第 1 步出现 NaN 或无穷大：最先见于/],
    ["an update that is too large", 1e18, 1e25, /^第 1 步的更新超出了 float32 的范围：学习率是 /],
  ])("%s", async (_name, x, learningRate, says) => {
    const model = await sequential({ input: 1, seed: 1 }, dense(1));
    const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: sgd({ learningRate }) });
    const error = await Promise.resolve()
      .then(() => trainer.step([[x]], [[1]]))
      .then(
        () => undefined,
        (e: unknown) => e as Error,
      );
    expect(inChinese(error!.message), error!.message).toMatch(says);
  });

  test("an update that is too large by its rate alone", async () => {
    const model = await sequential({ input: 2 }, hardSigmoid());
    const optimizer = adamw({ learningRate: 1, weightDecay: 2 });
    const trainer = new Trainer(model, { loss: meanAbsoluteError(), optimizer });
    const error = await Promise.resolve()
      .then(() => trainer.step([[1, 2]], [[0, 1]]))
      .then(
        () => undefined,
        (e: unknown) => e as Error,
      );
    expect(inChinese(error!.message), error!.message).toMatch(
      /^第 1 步的更新超出了 float32 的范围：学习率是 1。请减小学习率/,
    );
  });

  test("anything else has none", () => expect(inChinese("something new")).toBeUndefined());
});
