// What the library says in English, in the page's language: where it is one of these sentences, in Chinese; whatever else, as it is.
// Only pages that show it load this table.
import { language, quoted } from "./text.ts";

type Wording = readonly [english: RegExp, chinese: (...parts: string[]) => string];

/** Why there is one thread, and why an update was not made. */
const WORDINGS: readonly Wording[] = [
  [/^there is one processor$/, () => "只有一个处理器"],
  [
    /^the page is not isolated from others; it must be sent with the headers (.+) and (.+)$/,
    (opener, embedder) => `本页没有与其他网页隔离；服务器须发送 ${opener} 和 ${embedder}`,
  ],
  [/^the engine has no shared memory$/, () => "此浏览器没有共享内存"],
  [/^the engine has no threads for WebAssembly$/, () => "此浏览器的 WebAssembly 没有线程"],
  [/^no worker could be started: (.+)$/, (reasons) => `无法启动工作线程（${reasons}）`],
  [/^a worker gave no sign for (.+) s$/, (seconds) => `有个工作线程 ${seconds} 秒没有回应`],
  [/^worker (\d+) of (\d+) stopped \((.+)\)$/, (one, all, why) => `${all} 个工作线程中的第 ${one} 个停止了（${why}）`],
  [
    /^.*: (.+) became NaN or infinite in step (\d+);(?: first seen in (\S+)(?: of layer "(.+?)")?, which is (\S+)\.| but).* The weights are those of step (\d+)$/,
    (_what, step, tensor, layer, value, kept) =>
      `第 ${step} 步出现 NaN 或无穷大${tensor ? `：最先见于${layer ? ` ${layer} 层的` : ""} ${tensor}，值为 ${value}` : ""}。可能的原因：学习率太大，输入没有缩放（到 0 至 1，或均值 0、标准差 1），或损失需要概率而前面没有 sigmoid 或 softmax。权重是第 ${kept} 步之后的`,
  ],
  [
    /^.*: the update became too large for float32 numbers in step (\d+): the learning rate is (\S+?)(?:, the largest gradient (\S+), in (\S+) of layer "(.+?)")?\. .* The weights are those of step (\d+)$/,
    (step, rate, gradient, tensor, layer, kept) =>
      `第 ${step} 步的更新超出了 float32 的范围：学习率是 ${rate}${gradient ? `，最大的梯度是 ${gradient}，在 ${layer} 层的 ${tensor} 中` : ""}。请减小学习率，缩小输入和目标，或给优化器设 clipNorm: 1。权重是第 ${kept} 步之后的`,
  ],
];

/** The same in Chinese, where it is one of the known sentences. */
export function inChinese(english: string): string | undefined {
  for (const [pattern, chinese] of WORDINGS) {
    const found = pattern.exec(english);
    if (found) return chinese(...found.slice(1));
  }
  return undefined;
}

/** What a message says, to stand within a text of the page. */
export const librarySays = (english: string): string =>
  (language === "zh" ? inChinese(english) : undefined) ?? quoted(english);
