// The HTML of a page as it is sent: title, headings and navigation are readable before, and without, any script.
import { ABOUT, EMBED, pagePath, type Route, STOPS, toRoot } from "./routes.ts";
import type { Language, Text } from "./text.ts";

const SITE: Text = { en: "glass box", zh: "玻璃盒" };

const icon = (path: string): string => `<svg viewBox="0 0 16 16" aria-hidden="true">${path}</svg>`;
const THEME = icon('<path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6v10.8a5.4 5.4 0 0 1 0-10.8Z"/>');

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** A page's HTML. */
export function pageHtml(route: Route, language: Language): string {
  const T = (text: Text): string => escape(text[language]);
  const root = toRoot(route.path, language);
  const link = (path: string, to: Language = language): string => `${root}${pagePath(path, to)}index.html`;
  const other = language === "zh" ? "en" : "zh";
  const at = STOPS.findIndex(({ path }) => path === route.path);
  const pills = STOPS.map(
    ({ path, pill }, i) =>
      `<li><a href="${link(path)}" data-stop="${path}"${i === at ? ' aria-current="page"' : ""}><i>${i + 1}</i><span>${T(pill)}</span></a></li>`,
  ).join("");
  const before = at > 0 ? STOPS[at - 1] : undefined;
  const after = at >= 0 ? STOPS[at + 1] : undefined;
  const foot =
    at < 0
      ? ""
      : `<nav class="foot" aria-label="${T({ en: "Previous and next stop", zh: "上一站与下一站" })}">${
          before
            ? `<a class="btn" href="${link(before.path)}" rel="prev">${T({ en: "Back: ", zh: "上一站：" })}${T(before.pill)}</a>`
            : ""
        }${route.question ? `<p>${T(route.question)}</p>` : ""}${
          after
            ? `<a class="btn pri" href="${link(after.path)}" rel="next"><b>${T({ en: "Next: ", zh: "下一站：" })}${T(after.pill)}</b><small>${T(after.lede)}</small></a>`
            : ""
        }</nav>`;
  const beside = [ABOUT, EMBED]
    .filter(({ path }) => path !== route.path)
    .map(({ path, pill }) => `<a href="${link(path)}">${T(pill)}</a>`)
    .join("");
  const title = route.path === "" ? `wasmgrad ${T(SITE)}` : `${T(route.title)} · wasmgrad ${T(SITE)}`;
  return `<!doctype html>
<html lang="${language === "zh" ? "zh-CN" : "en"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<meta name="description" content="${T(route.lede)}">
<link rel="alternate" hreflang="${language === "zh" ? "zh-CN" : "en"}" href="${link(route.path)}">
<link rel="alternate" hreflang="${other === "zh" ? "zh-CN" : "en"}" href="${link(route.path, other)}">
<link rel="icon" href="${root}icon.svg" type="image/svg+xml">
<script vite-ignore src="${root}first.js"></script>
<link rel="stylesheet" href="/src/look/style.css">
<script type="module" src="/src/pages/${route.module}.ts"></script>
</head>
<body data-route="${route.path}" data-root="${root}">
<a class="skip" href="#main">${T({ en: "To the content", zh: "跳到正文" })}</a>
<header class="top">
<a class="brand" href="${link("")}">wasmgrad <span>${T(SITE)}</span></a>
<nav class="stops" aria-label="${T({ en: "Chapter", zh: "章节" })}"><button class="btn here" aria-expanded="false" aria-controls="stops">${
    at >= 0 ? `<i>${at + 1}</i> ${T(STOPS[at]!.pill)}` : T({ en: "Stops", zh: "各站" })
  }</button><ol id="stops">${pills}</ol></nav>
<div class="tools">
<a class="ghost" data-do="language" href="${link(route.path, other)}" hreflang="${other === "zh" ? "zh-CN" : "en"}" lang="${other === "zh" ? "zh-CN" : "en"}" aria-label="${other === "zh" ? "中文" : "English"}"><span class="whole">${other === "zh" ? "中文" : "English"}</span><span class="brief">${other === "zh" ? "中" : "En"}</span></a>
<button class="ghost" data-do="theme" aria-label="${T({ en: "Theme: as the system has it", zh: "主题：跟随系统" })}">${THEME}</button>
<button class="ghost" data-do="help" aria-label="${T({ en: "Explain everything", zh: "解释一切" })}" aria-pressed="false">?</button>
</div>
</header>
<main id="main" tabindex="-1">
<h1>${T(route.title)}</h1>
<p class="lede">${T(route.lede)}</p>
<div id="view" class="view"><noscript><p class="card notice">${T({
    en: "The figures on this page are computed in your browser: please allow JavaScript.",
    zh: "本页的图都在你的浏览器里计算：请允许 JavaScript。",
  })}</p></noscript></div>
${foot}
</main>
<footer class="end"><nav aria-label="${T({ en: "About this site", zh: "关于本站" })}">${beside}</nav><span id="fingerprint"></span></footer>
</body>
</html>
`;
}
