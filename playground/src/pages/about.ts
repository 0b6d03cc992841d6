// How it is built, whose work it stands on, and what it knows of its visitors.
import { html, render, type TemplateResult } from "lit";
import { backend, dense, sequential } from "wasmgrad";
import { explainMarks } from "../shell/marks.ts";
import { librarySays } from "../shell/librarySays.ts";
import { serviceWorkers, siteFile, startPage, view } from "../shell/shell.ts";
import { T, type Text } from "../shell/text.ts";

/** Whose work is shipped with this site. */
const WORKS: readonly (readonly [name: string, what: Text])[] = [
  ["Lit", { en: "the elements", zh: "页面元素" }],
  ["Papa Parse", { en: "pasted tables", zh: "粘贴的表格" }],
  ["Inter, JetBrains Mono, STIX Two Math", { en: "the fonts", zh: "字体" }],
  ["MNIST (LeCun, Cortes, Burges)", { en: "the digits", zh: "手写数字" }],
];

const card = (title: Text, ...paragraphs: readonly (Text | TemplateResult)[]): TemplateResult => html`
  <section class="card">
    <h2>${T(title)}</h2>
    ${paragraphs.map((p) => ("en" in p ? html`<p>${T(p)}</p>` : p))}
  </section>
`;

explainMarks({
  engine: {
    en: "What computes here: the vector instructions of the processor, and whether several threads may share memory.",
    zh: "这里用什么计算：处理器的向量指令，以及几个线程能否共享内存。",
  },
});

async function show(): Promise<void> {
  const model = await sequential({ input: 1, seed: 1, threads: "auto" }, dense(1));
  const { threads, reason } = backend(model);
  const yes = T({ en: "yes", zh: "可用" });
  const rows: readonly (readonly [Text, string])[] = [
    [{ en: "Library", zh: "库" }, `wasmgrad ${VERSION}`],
    [{ en: "WebAssembly SIMD", zh: "WebAssembly SIMD" }, yes],
    [{ en: "Processors", zh: "处理器" }, String(navigator.hardwareConcurrency)],
    [
      { en: "Shared memory", zh: "共享内存" },
      crossOriginIsolated ? yes : T({ en: "from the next page on", zh: "从下一页起" }),
    ],
    [
      { en: "Threads", zh: "线程" },
      reason === undefined ? String(threads) : `${threads}${T({ en: ": ", zh: "：" })}${librarySays(reason)}`,
    ],
    [
      { en: "Without a network", zh: "离线使用" },
      serviceWorkers()?.controller ? yes : T({ en: "after the next visit", zh: "下次访问之后" }),
    ],
  ];
  render(
    html`
      <div class="about">
        ${card(
          { en: "One library, nothing staged", zh: "同一个库，没有预先准备的数字" },
          {
            en: "Every number on these pages is computed in your browser by wasmgrad, a training library of a few dozen kilobytes: AssemblyScript compiled to WebAssembly, and a thin layer of TypeScript. A program that you copy from here prints the same fingerprint in Node: the same weights, to the last bit.",
            zh: "这些网页上的每个数，都由 wasmgrad 在你的浏览器里算出。它是一个几十 kB 的训练库：编译成 WebAssembly 的 AssemblyScript，加上薄薄一层 TypeScript。从这里复制的程序在 Node 里打印同样的指纹：权重逐位相同。",
          },
          {
            en: "The path follows the first chapter of a textbook on deep learning, in its notation: x, w, b, Z, a, and d in front of a gradient. Rows are samples; one switch turns them into the book's columns.",
            zh: "这条路沿着一本深度学习教材的第一章，用它的记号：x、w、b、Z、a，梯度前面加 d。一行是一个样本；一个开关可换成书上的列。",
          },
        )}
        ${card(
          { en: "What it knows of you: nothing", zh: "它了解你多少：一无所知" },
          {
            en: "Nothing leaves this page: no request goes to another host, nothing is counted, no cookie is set. Your points, tables and models stay in this browser. What you see is in the address after #, which browsers don't send to servers.",
            zh: "没有任何数据离开本页：不访问别的主机，不做统计，不设 cookie。你的点、表格和模型都留在这个浏览器里。你看到的一切都在网址的 # 之后，浏览器不会把那部分发给服务器。",
          },
          {
            en: "The browser keeps the files of the site, so that it works without a network.",
            zh: "浏览器会保存本站的文件，所以离线也能用。",
          },
        )}
        <section class="card">
          <h2>${T({ en: "What computes here", zh: "这里用什么计算" })}</h2>
          <table class="data" data-mark="engine">
            <tbody>
              ${rows.map(
                ([name, value]) =>
                  html`<tr>
                    <th scope="row">${T(name)}</th>
                    <td>${value}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </section>
        <section class="card">
          <h2>${T({ en: "Whose work it stands on", zh: "用了谁的成果" })}</h2>
          <ul>
            ${WORKS.map(([name, what]) => html`<li><b>${name}</b>${T({ en: ": ", zh: "：" })}${T(what)}</li>`)}
          </ul>
          <p>
            <a href=${siteFile("third-party-notices.txt")}>${T({ en: "Their licences", zh: "它们的许可证" })}</a>
          </p>
        </section>
      </div>
    `,
    view,
  );
}

void startPage(show);
