// The doorway: a network that learns, and three ways in.
import { html, render } from "lit";
import type { GlimpseElement } from "../elements/glimpse.ts";
import "../elements/glimpse.ts";
import { pagePath, STOPS } from "../shell/routes.ts";
import { remember, remembered, siteFile, startPage, view } from "../shell/shell.ts";
import { language, T, type Text } from "../shell/text.ts";

const TEXTS = {
  start: { en: "Start: one neuron", zh: "开始：一个神经元" },
  live: { en: "A network learns XOR, now, here", zh: "一个网络此刻正在这里学习异或" },
  says: {
    en: "Circles are units, lines are weights, squares are biases. The plane shows what it answers for every point: it has to make the two blue corners blue and the two orange ones orange. One straight line can't.",
    zh: "圆是神经元，线是权重，小方块是偏置。平面显示它对每个点的回答：两个蓝角要变蓝，两个橙角要变橙。一条直线做不到。",
  },
  path: { en: "Walk the path", zh: "学习路线" },
  pathSays: {
    en: "Eight stops, from one neuron to handwritten digits. On the sixth you go through one training step, arrow by arrow, with every number.",
    zh: "共八站，从一个神经元到手写数字。第六站逐个箭头走完一个训练步，每个数都看得见。",
  },
  play: { en: "Play", zh: "游乐场" },
  playSays: {
    en: "Any data, any depth, every activation, loss and optimizer. Each neuron's view of the plane, live. Edit a weight, go back in time, race two runs, take the code away.",
    zh: "任意数据，任意深度，各种激活函数、损失和优化器。实时看每个神经元眼中的平面。改一个权重，回到过去，让两次训练比赛，把代码带走。",
  },
  use: { en: "Use the library", zh: "使用这个库" },
  useSays: {
    en: "The same numbers in your own program, in Node and in pages: the same seed gives the same bits.",
    zh: "在你自己的程序里也得到同样的数，无论在 Node 还是网页：种子相同，结果逐位相同。",
  },
  offer: { en: "This page in English", zh: "中文版" },
} as const satisfies Record<string, Text>;

const CODE = `npm install wasmgrad

import { dense, sequential, sgd, tanh, Trainer,
  binaryCrossEntropyWithLogits } from "wasmgrad";
const model = await sequential({ input: 2, seed: 1 },
  dense(4), tanh(), dense(1));
const trainer = new Trainer(model, {
  loss: binaryCrossEntropyWithLogits(),
  optimizer: sgd({ learningRate: 0.5 }),
});
const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
await trainer.fit({ x, y: [0, 1, 1, 0] }, { epochs: 200 });
console.log(model.classify(x));`;

const link = (path: string): string => siteFile(`${pagePath(path, language)}index.html`);

/** On a first visit, who reads the other language is offered it, once; nobody is sent anywhere. */
function offer(): void {
  const other = language === "en" ? "zh" : "en";
  const reads = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
  if (remembered("language") !== undefined || reads === language) return;
  remember("language", reads);
  const line = document.createElement("p");
  line.className = "offer";
  line.lang = other === "zh" ? "zh-CN" : "en";
  render(html`<a href=${siteFile(`${pagePath("", other)}index.html`)}>${TEXTS.offer[other]} →</a>`, line);
  document.querySelector("h1")!.before(line);
}

void startPage(async () => {
  offer();
  render(
    html`
      <div class="doorway">
        <div class="doors">
          <section class="card live">
            <h2>${T(TEXTS.live)}</h2>
            <wasmgrad-glimpse></wasmgrad-glimpse>
            <p class="small soft">${T(TEXTS.says)}</p>
          </section>
          <section class="card later">
            <h2><a href=${link("play")}>${T(TEXTS.play)}</a></h2>
            <p>${T(TEXTS.playSays)}</p>
          </section>
        </div>
        <div class="doors">
          <a class="btn pri big" href=${link("perceptron")}>${T(TEXTS.start)} →</a>
          <section class="card">
            <h2><a href=${link("perceptron")}>${T(TEXTS.path)}</a></h2>
            <p>${T(TEXTS.pathSays)}</p>
            <ol class="way">
              ${STOPS.map(({ path, pill }) => html`<li><a href=${link(path)}>${T(pill)}</a></li>`)}
            </ol>
          </section>
          <section class="card later">
            <h2>${T(TEXTS.use)}</h2>
            <p>${T(TEXTS.useSays)}</p>
            <pre class="code" tabindex="0"><code>${CODE}</code></pre>
          </section>
        </div>
      </div>
    `,
    view,
  );
  await view.querySelector<GlimpseElement>("wasmgrad-glimpse")!.begin();
});
