// One element alone, for iframes: `embed/#element=steps&data=xor&hidden=3`. Without an element: how to put one into a page.
import { html, render } from "lit";
import "../embedded.ts";
import { copyText, ready, siteFile, startShell, useState, view } from "../shell/shell.ts";
import { pagePath, STOPS } from "../shell/routes.ts";
import { numeric, type Setting, State } from "../shell/state.ts";
import { language, T, type Text } from "../shell/text.ts";
import { DATA, LOSSES, OPTIMIZERS, RATE_LIMITS, readHidden, readRuns, USUAL } from "../steps/nets.ts";

/** An attribute's text, if it is understood. */
const text = (fits: (given: string) => unknown): Setting<string | null> => ({
  initial: null,
  read: (given) => (fits(given) === undefined ? undefined : given),
  write: (given) => given ?? "",
});
const matching = (pattern: RegExp): Setting<string | null> => text((given) => pattern.exec(given) ?? undefined);
/** There, or not: `running`, or `running=1`. */
const present: Setting<string | null> = {
  initial: null,
  read: (given) => (given === "" || given === "1" ? "" : given === "0" ? null : undefined),
  write: (given) => (given === null ? "" : "1"),
};
const COMMON = {
  data: text((given) => DATA.find((name) => name === given)),
  hidden: text(readHidden),
  seed: text(numeric(0, { least: 0, most: Number.MAX_SAFE_INTEGER, integer: true }).read),
  lr: text(numeric(1, RATE_LIMITS).read),
};

/** Elements that make something of attributes alone, with the attributes of theirs. */
const ELEMENTS = {
  steps: {
    ...COMMON,
    net: COMMON.hidden,
    loss: text((given) => LOSSES.find((name) => name === given)),
    opt: text((given) => OPTIMIZERS.find((name) => name === given)),
    step: text(numeric(0, { least: 0, most: 999, integer: true }).read),
    cell: matching(/^(\d+(\.\d+)*)?$/),
    rows: matching(/^(all|b?\d{1,4})$/),
    trained: text(readRuns),
    columns: present,
    veiled: present,
  },
  net: { ...COMMON, running: present },
} as const satisfies Record<string, Record<string, Setting<string | null>>>;

const TEXTS = {
  how: { en: "Put it into your own page", zh: "放进你自己的网页" },
  lines: {
    en: "These lines are all. The element takes the language (lang) and the colours (color-scheme) of the place that it stands in, and sends events: step, cell, update.",
    zh: "只要这几行。元素沿用所在位置的语言（lang）和配色（color-scheme），并发送事件：step、cell、update。",
  },
  copy: { en: "Copy", zh: "复制" },
  copied: { en: "Copied.", zh: "已复制。" },
  own: { en: "With a network of your own", zh: "用你自己的网络" },
  ownSays: {
    en: "Give it a trainer, its rows and their targets: dense layers, any activation, loss and optimizer.",
    zh: "给它一个 trainer、输入各行和目标：全连接层，任意激活函数、损失和优化器。",
  },
  frame: { en: "As a frame", zh: "用 iframe" },
  frameSays: {
    en: "Where scripts of others are forbidden; what is set stands after #.",
    zh: "在不允许外部脚本的地方使用；设置写在 # 后面。",
  },
  unknown: { en: "There is no element of that name", zh: "没有这个名字的元素" },
  unknownSays: { en: "Use element=steps or element=net.", zh: "请用 element=steps 或 element=net。" },
} as const satisfies Record<string, Text>;

startShell();

const given = new URLSearchParams(location.hash.slice(1));
const name = given.get("element");

const script = siteFile("embed.js");
const LINES = `<!doctype html>
<html lang="${document.documentElement.lang}">
<meta charset="utf-8">
<title>My page</title>
<script type="module" src="${script}"></script>
<wasmgrad-steps data="xor" hidden="3"></wasmgrad-steps>
<wasmgrad-net data="xor" hidden="4" running></wasmgrad-net>
</html>`;
const OWN = `const steps = document.querySelector("wasmgrad-steps");
steps.trainer = trainer; // new Trainer(model, { loss, optimizer })
steps.x = x;
steps.y = y;
steps.addEventListener("step", ({ detail }) => console.log(detail.name));`;
const FRAME = `<iframe src="${siteFile(`${document.documentElement.lang.startsWith("zh") ? "zh/" : ""}embed/index.html`)}#element=steps&data=xor&hidden=3" width="100%" height="1000"></iframe>`;

function alone(element: keyof typeof ELEMENTS): void {
  document.body.classList.add("alone");
  const shown = document.createElement(`wasmgrad-${element}`);
  const settings: Record<string, Setting<string | null>> = ELEMENTS[element];
  const state = new State(settings);
  useState(state);
  for (const attribute of Object.keys(settings)) {
    const value = state.get(attribute);
    if (value !== null) shown.setAttribute(attribute, value);
  }
  // without any, it waits for layers from a script
  if (element === "net" && !shown.hasAttribute("data")) shown.setAttribute("data", USUAL.data);
  shown.addEventListener("ready", () => ready(), { once: true });
  if (element === "net") shown.addEventListener("unit", () => ready(), { once: true });
  view.replaceChildren(shown);
}

function part(title: Text, says: Text, code: string) {
  return html`<section class="card">
    <h2>${T(title)}</h2>
    <p class="soft">${T(says)}</p>
    <pre class="mono small" tabindex="0">${code}</pre>
    <button class="btn" @click=${() => void copyText(code, TEXTS.copied)}>${T(TEXTS.copy)}</button>
  </section>`;
}

if (name === null) {
  render(
    html`<div class="embedding">
      <section class="card">
        <h2 class="mono">&lt;wasmgrad-net&gt;</h2>
        <p class="soft">
          ${T({ en: "It trains while you look. The other element, ", zh: "它一边训练一边显示。另一个元素 " })}<span
            class="mono"
            >&lt;wasmgrad-steps&gt;</span
          >${T({ en: ", is the stop ", zh: " 就是这一站：" })}<a
            href=${siteFile(`${pagePath("backprop", language)}index.html`)}
            >${T(STOPS.find(({ path }) => path === "backprop")!.pill)}</a
          >${T({ en: ".", zh: "。" })}
        </p>
        <wasmgrad-net data="xor" hidden="4" running></wasmgrad-net>
      </section>
      ${part(TEXTS.how, TEXTS.lines, LINES)} ${part(TEXTS.own, TEXTS.ownSays, OWN)}
      ${part(TEXTS.frame, TEXTS.frameSays, FRAME)}
    </div>`,
    view,
  );
  ready();
} else if (Object.hasOwn(ELEMENTS, name)) alone(name as keyof typeof ELEMENTS);
else {
  render(
    html`<section class="card notice" role="alert">
      <h2>${T(TEXTS.unknown)}: ${name}</h2>
      <p>${T(TEXTS.unknownSays)}</p>
    </section>`,
    view,
  );
  ready();
}
addEventListener("hashchange", () => location.reload());
