// What every page has: theme, language, keys, help, the way through the stops, use without a network.
import { html, render } from "lit";
import { toggleHelp } from "./help.ts";
import { onKeys } from "./keys.ts";
import { explainMarks } from "./marks.ts";
import { isPolicy } from "./policy.ts";
import type { AnySetting, State } from "./state.ts";
import { quoted, T, type Text } from "./text.ts";
import { toast } from "./toast.ts";

const page = document.documentElement;
const { route = "", root = "./" } = document.body.dataset;

/** Where the page's view goes. */
export const view = document.getElementById("view")!;

/** The address of a file of the site. */
export const siteFile = (path: string): string => new URL(root + path, location.href).href;

/** Reads from the browser's storage, or gives undefined where it is forbidden. */
export function remembered(key: string): string | undefined {
  try {
    return localStorage.getItem(`wasmgrad-${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a choice, where the browser lets it. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`wasmgrad-${key}`, value);
  } catch {
    // full or forbidden: nothing that matters is kept here
  }
}

/** Puts a message in place of a view: what happened, what is kept, what to do. */
export function failed(where: HTMLElement, what: Text, todo: Text, detail = ""): void {
  render(
    html`<section class="card notice" role="alert">
      <h2>${T(what)}</h2>
      <p>${T(todo)}</p>
      ${detail ? html`<p class="small soft mono">${quoted(detail)}</p>` : ""}
    </section>`,
    where,
  );
}

// --- theme and language

const THEMES = ["system", "light", "dark"] as const;
const THEME_NAMES: Record<(typeof THEMES)[number], Text> = {
  system: { en: "Theme: as the system has it", zh: "主题：跟随系统" },
  light: { en: "Theme: light", zh: "主题：浅色" },
  dark: { en: "Theme: dark", zh: "主题：深色" },
};
const themeButton = document.querySelector<HTMLButtonElement>("[data-do=theme]")!;
const themeNow = (): (typeof THEMES)[number] => THEMES.find((name) => name === page.dataset["theme"]) ?? "system";

function nameTheme(): void {
  themeButton.setAttribute("aria-label", T(THEME_NAMES[themeNow()]));
  themeButton.title = T(THEME_NAMES[themeNow()]);
}

function nextTheme(): void {
  const theme = THEMES[(THEMES.indexOf(themeNow()) + 1) % THEMES.length]!;
  if (theme === "system") delete page.dataset["theme"];
  else page.dataset["theme"] = theme;
  remember("theme", theme);
  nameTheme();
}

const languageLink = document.querySelector<HTMLAnchorElement>("[data-do=language]")!;

let atStake: () => Text | undefined = () => undefined;

/** Another language is another page: before it is opened, what would end with this one is said, as long as there is something. */
export function sayBeforeLeaving(what: () => Text | undefined): void {
  atStake = what;
}

function otherLanguage(): void {
  const lost = atStake() ?? lacking();
  if (!lost) return openOtherLanguage();
  toast(lost, { label: { en: "Change all the same", zh: "仍然切换" }, press: openOtherLanguage });
}

/** Both languages have the same state. */
function openOtherLanguage(): void {
  remember("language", languageLink.lang);
  // as it is now: what was changed last may not be in the address yet
  location.href = languageLink.href.replace(/#.*$/, "") + new URL(linkOf()).hash;
}

// --- projector, copying

function projector(): void {
  if (page.dataset["projector"] === undefined) page.dataset["projector"] = "";
  else delete page.dataset["projector"];
  if (page.dataset["projector"] !== undefined)
    toast({ en: "For a projector. F: as before.", zh: "投影模式。再按 F 恢复。" });
  dispatchEvent(new Event("resize"));
}

/** Copies the page's address. */
async function copyLink(): Promise<void> {
  const what = lacking();
  await copyText(
    linkOf(),
    what
      ? { en: `Link copied, but it doesn't hold everything. ${what.en}`, zh: `链接已复制，但没有包含一切。${what.zh}` }
      : { en: "Link copied: it holds everything that you see.", zh: "链接已复制：其中包含你看到的一切。" },
  );
}
let linkOf = (): string => location.href;
/** What of the page its link doesn't hold. */
let lacking = (): Text | undefined => undefined;

/** Puts a text on the clipboard, and says so; where that is forbidden, shows it to be copied by hand. */
export async function copyText(text: string, done: Text): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    const dialog = document.createElement("dialog");
    dialog.className = "card";
    render(
      html`<p>
          ${T({ en: "This browser doesn't let the page copy. Copy it yourself:", zh: "浏览器不让网页复制。请自己复制：" })}
        </p>
        <textarea class="mono" readonly rows="8" cols="60" .value=${text}></textarea>
        <form method="dialog"><button class="btn">${T({ en: "Close", zh: "关闭" })}</button></form>`,
      dialog,
    );
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    dialog.querySelector("textarea")!.select();
  }
}

/** Says what of the URL wasn't understood and what has no room in it, and lets "copy link" know the whole state. */
export function useState(
  state: Pick<State<Readonly<Record<string, AnySetting>>>, "url" | "misread" | "lacks" | "onLack">,
): void {
  linkOf = () => state.url;
  lacking = () => state.lacks;
  state.onLack = toast;
  const say = (): void => {
    const [first, ...others] = state.misread;
    if (!first) return;
    const more = others.map(({ key }) => key).join(", ");
    const brief = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
    const [what, used] = [`${first.key}=${brief(first.text)}`, brief(first.used)];
    toast({
      en: `${what} was not understood, ${used ? `${used} is used` : "it is left out"}${more && `; nor were ${more}`}`,
      zh: `看不懂 ${what}，${used ? `改用 ${used}` : "已略去"}${more && `；${more} 也看不懂`}`,
    });
  };
  say();
  // an address that is typed or pasted into an open page; the state has read it already
  addEventListener("hashchange", say);
}

// --- the way through the stops

function showVisited(): void {
  const visited = new Set((remembered("visited") ?? "").split(" "));
  for (const link of document.querySelectorAll<HTMLElement>(".stops a"))
    link.classList.toggle("visited", visited.has(link.dataset["stop"]!));
  if (document.querySelector(`.stops a[data-stop="${route}"]`))
    remember("visited", [...visited.add(route)].join(" ").trim());
}

// --- without a network

/** Undefined where there are none: old browsers, addresses without https, and frames in a sandbox, which throw on the question alone. */
export function serviceWorkers(): ServiceWorkerContainer | undefined {
  try {
    return navigator.serviceWorker;
  } catch {
    return undefined;
  }
}

const reload: Text = { en: "Reload", zh: "重新加载" };

/** A part of the page that is wanted later is gone, if the site has a new version meanwhile and the browser keeps none. */
function tellWhatIsGone(): void {
  addEventListener("vite:preloadError", () =>
    toast(
      {
        en: "A part of this page could not be fetched: there is no network, or the site has a new version. What is in the address goes along when you reload.",
        zh: "本页有一部分没能下载：没有网络，或网站已有新版本。重新加载时，网址里的内容会保留。",
      },
      { label: reload, press: () => location.reload() },
    ),
  );
}

function keepForOffline(): void {
  const workers = serviceWorkers();
  if (!workers || import.meta.env.DEV) return;
  /** Here, not in another tab. */
  let asked = false;
  let controlled = workers.controller !== null;
  workers.addEventListener("controllerchange", () => {
    if (asked) location.reload();
    // who trains in this tab says himself when it may begin anew
    else if (controlled)
      toast(
        {
          en: "Another tab has changed to the new version; this one still shows the old one.",
          zh: "另一个标签页已换到新版本；这个标签页仍是旧版本。",
        },
        { label: reload, press: () => location.reload() },
      );
    controlled = true;
  });
  void workers.register(siteFile("sw.js"), { scope: siteFile("") }).then(
    (registration) => {
      const offer = (worker: ServiceWorker | null): void => {
        if (!worker || !workers.controller) return;
        toast(
          { en: "A new version is ready.", zh: "新版本已就绪。" },
          {
            label: reload,
            press: () => {
              asked = true;
              worker.postMessage("take over");
            },
          },
        );
      };
      offer(registration.waiting);
      registration.addEventListener("updatefound", () => {
        const { installing } = registration;
        installing?.addEventListener("statechange", () => {
          if (installing.state === "installed") offer(installing);
        });
      });
    },
    () => undefined, // private windows and file: addresses have none
  );
}

// --- files that a page has no use for

/** Else the browser would open a file that is dropped in place of the page, and what was trained there were gone. */
function keepFilesOut(): void {
  /** A field for files takes them itself. */
  const takesFiles = (target: EventTarget | undefined): boolean =>
    target instanceof HTMLInputElement && target.type === "file";
  const isFile = (event: DragEvent): boolean =>
    !event.defaultPrevented &&
    event.dataTransfer?.types.includes("Files") === true &&
    !takesFiles(event.composedPath()[0]);
  addEventListener("dragover", (event) => isFile(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    const name = event.dataTransfer?.files[0]?.name ?? "";
    toast({
      en: `This page opens no files: ${name} is left alone, and all here is as it was. Drop tables (CSV) and models on Play, models that read digits on Digits.`,
      zh: `本页不打开文件：${name} 没有打开，这里一切照旧。表格（CSV）和模型请拖到“游乐场”，识别数字的模型请拖到“手写数字”。`,
    });
  });
}

explainMarks({
  fingerprint: {
    en: "The fingerprint of all weights. Two networks with equal fingerprints have equal numbers to the last bit, on any machine.",
    zh: "所有权重的指纹：指纹相同，数字就在任何机器上逐位相同。",
  },
});

/** Begins: called once by each page. */
export function startShell(): void {
  nameTheme();
  showVisited();
  themeButton.addEventListener("click", nextTheme);
  document.querySelector("[data-do=help]")!.addEventListener("click", toggleHelp);
  languageLink.addEventListener("click", (event) => {
    event.preventDefault();
    otherLanguage();
  });
  // followed as a link, it would take the place of the whole state in the address
  document.querySelector<HTMLElement>(".skip")!.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main")!.focus();
  });
  const here = document.querySelector<HTMLButtonElement>(".stops .here")!;
  here.addEventListener("click", () => {
    here.setAttribute("aria-expanded", String(here.parentElement!.classList.toggle("open")));
  });
  if (matchMedia("(max-width: 1180px)").matches)
    for (const link of document.querySelectorAll<HTMLElement>(".stops a")) link.title = link.textContent;
  onKeys([
    { key: "c", says: { en: "copy the link", zh: "复制链接" }, press: () => void copyLink() },
    { key: "d", says: { en: "theme: system, light, dark", zh: "主题：系统、浅色、深色" }, press: nextTheme },
    { key: "l", says: { en: "the other language", zh: "切换语言" }, press: otherLanguage },
    {
      key: "f",
      says: { en: "for a projector: larger, without side panels", zh: "投影模式：更大，没有侧栏" },
      press: projector,
    },
    { key: "?", says: { en: "explain everything", zh: "解释一切" }, press: toggleHelp },
  ]);
  keepFilesOut();
  tellWhatIsGone();
  keepForOffline();
}

/** Shows the fingerprint at the foot of the page, and after how many updates where the page says so. */
export function showFingerprint(text: string, updates?: string): void {
  const place = document.getElementById("fingerprint");
  if (!place) return;
  place.dataset["mark"] = "fingerprint";
  place.textContent =
    T({ en: `fingerprint ${text}`, zh: `指纹 ${text}` }) +
    (updates === undefined ? "" : T({ en: ` after ${updates} updates`, zh: `，${updates} 次更新后` }));
}

/** The view is there: a test, or a program that takes pictures, may look. */
export function ready(): void {
  page.dataset["ready"] = "";
}

/** Begins a page: the frame, then its view. */
export function startPage(show: () => void | Promise<void>): Promise<void> {
  startShell();
  return showPage(show);
}

/** Shows a page's view for the first time, with `show`. What keeps it from doing so is said in the view's place. */
export async function showPage(show: () => void | Promise<void>): Promise<void> {
  try {
    await show();
  } catch (error) {
    failedWith(view, error);
  }
  ready();
}

/** Says why a view can't be shown. */
export function failedWith(where: HTMLElement, error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  if (isPolicy(detail)) {
    failed(
      where,
      { en: "This page may not run WebAssembly.", zh: "本页不能运行 WebAssembly。" },
      {
        en: "The figures are computed by it. The policy of the site that serves this page forbids it: it needs 'wasm-unsafe-eval' in script-src. On another site, or from your own computer (npm run playground), the page works. What you typed is still in the address.",
        zh: "图都由它计算。提供本页的网站的策略禁止了它：script-src 需要 'wasm-unsafe-eval'。换一个网站，或在自己的电脑上（npm run playground），本页可用。你输入的内容仍在网址里。",
      },
      detail,
    );
  } else {
    failed(
      where,
      { en: "This view could not be shown.", zh: "这个视图无法显示。" },
      {
        en: "Reload the page. If that doesn't help, remove what follows # in the address: your settings are there, so keep a copy of it.",
        zh: "请重新加载页面。如果没有用，请删掉网址中 # 之后的内容：你的设置都在那里，请先留一份。",
      },
      detail,
    );
  }
}
