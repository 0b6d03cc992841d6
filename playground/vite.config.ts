// One HTML page a route and language, generated; the files that are shipped; and the service worker, which knows them all.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import subsetFont from "subset-font";
import { defineConfig, type Plugin } from "vite";
import { packDigitImages } from "./scripts/digitImages.ts";
import { pageHtml } from "./src/shell/page.ts";
import { pagePath, ROUTES } from "./src/shell/routes.ts";

const here = import.meta.dirname;
const sources = join(here, "..", "src");

/** What opens a browser's shared memory; the service worker sends the same on hosts that don't. */
const isolation = readFileSync(join(here, "isolation.json"), "utf8");

/** Files by their path in the site. */
const PAGES = new Map(
  ROUTES.flatMap((route) =>
    (["en", "zh"] as const).map((language) => [
      `${pagePath(route.path, language)}index.html`,
      () => pageHtml(route, language),
    ]),
  ),
);

/** Pages that are made, not written. */
const pages: Plugin = {
  name: "pages",
  enforce: "pre",
  config: () => ({
    build: {
      rollupOptions: {
        input: [...[...PAGES.keys()].map((path) => join(here, path)), join(here, "src/embedded.ts")],
        // what other pages load has a name that stays
        output: {
          entryFileNames: ({ name }: { name: string }) =>
            name === "embedded" ? "embed.js" : "assets/[name]-[hash].js",
        },
        // its elements are defined by being loaded
        preserveEntrySignatures: "allow-extension",
      },
    },
  }),
  resolveId: (id) => (PAGES.has(inSite(id)) ? id : undefined),
  load: (id) => PAGES.get(inSite(id))?.(),
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      const path = new URL(request.url ?? "/", "http://site").pathname.slice(1).replace(/(^|\/)$/, "$1index.html");
      const html = PAGES.get(path)?.();
      if (html === undefined) return next();
      void server.transformIndexHtml(`/${path}`, html).then((text) => {
        response.setHeader("Content-Type", "text/html; charset=utf-8");
        response.end(text);
      }, next);
    });
  },
};

/** The worker's program is beside the library's bundle, not beside the source that names it. */
const workerFile: Plugin = {
  name: "worker file",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith("/threads/workerFile.ts")
      ? code.replaceAll("./wasmgrad.worker.js", "../../../build/wasmgrad.worker.js")
      : undefined,
};

/** A page's own style sheet comes after the one of all pages, as it does while one works on it, so that it has the last word. */
const sheetOrder: Plugin = {
  name: "sheet order",
  enforce: "post",
  transformIndexHtml: {
    order: "post",
    handler(html) {
      const sheets = html.match(/<link rel="stylesheet"[^>]*>\s*/g) ?? [];
      const common = sheets.find((sheet) => sheet.includes("/style-"));
      if (common === undefined) return html;
      return html.replace(common, "").replace("</title>", () => `</title>\n${common.trim()}`);
    },
  },
};

/** Sources of a page's language, by what is after their path. */
const TAGGED = /\/playground\/src\/[^?]*\.ts\?(en|zh)$/;

/** Each page loads the texts of its language alone: its modules are made for each of the two, without the other's texts. */
const languages: Plugin = {
  name: "languages",
  apply: "build",
  resolveId: {
    order: "pre",
    async handler(source, importer, options) {
      if (importer === undefined || source.includes("?")) return undefined;
      const page = /\.html\b/.test(importer) && (inSite(importer).startsWith("zh/") ? "zh" : "en");
      const language = page || TAGGED.exec(importer)?.[1];
      const found = language && (await this.resolve(source, importer, { ...options, skipSelf: true }));
      return found && TAGGED.test(`${found.id}?${language}`) ? { ...found, id: `${found.id}?${language}` } : found;
    },
  },
  transform: {
    order: "post",
    handler(code, id) {
      const language = TAGGED.exec(id)?.[1];
      return language && { code: inLanguage(code, language, this.parse(code)), map: null };
    },
  },
};

/** The code without the texts of the other language: `{ en: "", zh: "文字" }`. */
function inLanguage(code: string, language: string, program: unknown): string {
  const others: { readonly start: number; readonly end: number }[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, properties = [] } = node as { type?: string; properties?: readonly TableEntry[] };
    const names = properties.map(({ key }) => key?.name);
    if (type === "ObjectExpression" && names.includes("en") && names.includes("zh"))
      others.push(
        ...properties.flatMap(({ key, value }) =>
          key?.name !== language && /^(?:Template)?Literal$/.test(value?.type ?? "") ? [value!] : [],
        ),
      );
    Object.values(node).forEach(visit);
  };
  visit(program);
  // from the last one: what is before it stays where it is; tables may be inside of a text
  return others
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, { start, end }) => `${text.slice(0, start)}""${text.slice(end)}`, code);
}

interface TableEntry {
  readonly key?: { readonly name?: string };
  readonly value?: { readonly type: string; readonly start: number; readonly end: number };
}

const inSite = (id: string): string => relative(here, id).split(sep).join("/");

const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");

/** What numbers and code are written with, and formulas: a tenth of the font that has all of mathematics. */
const FONTS = {
  mono: {
    whole: "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
    glyphs: `${ASCII}−·×±°…–—‘’“”→←\u2009\u202f`,
  },
  math: {
    whole: "@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2",
    glyphs: `${ASCII}≤≥≠≈±−·×∘∑∏√∂∞′ᵀ←∈…αβγδεηθλμνπρσφω𝑎𝑏𝑐𝑑𝑒𝑓𝑔ℎ𝑖𝑗𝑘𝑙𝑚𝑛𝑜𝑝𝑞𝑟𝑠𝑡𝑢𝑣𝑤𝑥𝑦𝑧𝐴𝐵𝐶𝐷𝐸𝐹𝐺𝐻𝐼𝐽𝐾𝐿𝑀𝑁𝑂𝑃𝑄𝑅𝑆𝑇𝑈𝑉𝑊𝑋𝑌𝑍𝛼𝛽𝛾𝛿𝜀𝜂𝜃𝜆𝜇𝜈𝜋𝜌𝜎𝜑𝜔\u0302\u0304`,
  },
};

/** Fonts with these glyphs alone, made before the style sheet that names them is read. */
const fonts: Plugin = {
  name: "fonts",
  async buildStart() {
    mkdirSync(join(here, "node_modules/.cache"), { recursive: true });
    for (const [name, { whole, glyphs }] of Object.entries(FONTS)) {
      const file = readFileSync(join(here, "node_modules", whole));
      const part = await subsetFont(file, glyphs, { targetFormat: "woff2", noLayoutClosure: true });
      writeFileSync(join(here, "node_modules/.cache", `${name}.woff2`), part);
    }
  },
};

/** The packages of which something is shipped: their licences ask that the text goes with it. */
const notices: Plugin = {
  name: "notices",
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? Object.keys(file.modules) : []));
    const named = modules.flatMap((id) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? []);
    const fontNames = [
      "@fontsource-variable/inter",
      ...Object.values(FONTS).map(({ whole }) => /^@[^/]+\/[^/]+/.exec(whole)![0]),
    ];
    const texts = [...new Set([...named, ...fontNames])].toSorted().map((name) => {
      const folder = join(here, "node_modules", name);
      const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
        string,
        string
      >;
      const file = readdirSync(folder).find((found) => /^licen[cs]e/i.test(found));
      if (file === undefined) throw new Error(`${name} is shipped, but ${folder} has no text of its licence`);
      return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
    });
    const source = texts.join(`\n${"-".repeat(80)}\n\n`);
    this.emitFile({ type: "asset", fileName: "third-party-notices.txt", source });
  },
};

/** MNIST for the digits page. Not among the files of the bundle: the service worker keeps it only once it was asked for. */
const digitImages: Plugin = {
  name: "digit images",
  buildStart: () => packDigitImages(join(here, "public/data")),
};

/** The script before the first paint, without comments and margins: a minifier would write it in words that old browsers don't know. */
const first: Plugin = {
  name: "first script",
  generateBundle() {
    const source = readFileSync(join(here, "public/first.js"), "utf8").replaceAll(/^ *\/\/.*\n|^ +/gm, "");
    this.emitFile({ type: "asset", fileName: "first.js", source });
  },
};

/** The list of files with their hash goes into the service worker, which keeps them for use without a network. */
const offline: Plugin = {
  name: "offline",
  enforce: "post",
  generateBundle(_options, bundle) {
    const files = Object.values(bundle).filter(({ fileName }) => !fileName.endsWith(".map") && fileName !== "sw.js");
    const hash = createHash("sha256");
    for (const file of files.toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1)))
      hash.update(file.fileName).update(file.type === "chunk" ? file.code : file.source);
    const list = ["icon.svg", ...files.map(({ fileName }) => fileName)];
    const worker = readFileSync(join(here, "src/shell/sw.js"), "utf8")
      .replace("/* headers */", isolation.trim().slice(1, -1))
      .replace("[/* files */]", JSON.stringify(list))
      .replace("/* version */", hash.digest("hex").slice(0, 12));
    this.emitFile({ type: "asset", fileName: "sw.js", source: worker });
  },
};

const { version } = JSON.parse(readFileSync(join(here, "../package.json"), "utf8")) as { version: string };

export default defineConfig({
  root: here,
  base: "./",
  plugins: [pages, languages, workerFile, fonts, digitImages, notices, sheetOrder, first, offline],
  resolve: {
    // the sources, not the bundle of them: of that, each page would load what all pages use
    alias: [
      { find: /^wasmgrad$/, replacement: join(sources, "index.ts") },
      { find: /^wasmgrad\/(\w+)$/, replacement: `${sources}/$1.ts` },
      { find: /^(.*\/(?:progress|replaceFile|printed))\.ts$/, replacement: "$1.browser.ts" },
      // nothing here trains on the ranks of a group
      { find: /^.*\/(?:ranks|measureTogether)\.ts$/, replacement: join(sources, "training/noRanks.ts") },
    ],
  },
  server: { headers: JSON.parse(isolation) as Record<string, string>, fs: { allow: [join(here, "..")] } },
  build: {
    target: "es2022",
    // light-dark() stays: what stands for it in older browsers needs a style of the whole page, which other pages don't have
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    outDir: join(here, "dist"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // how long which plugin took is no word to who builds the site
      checks: { bundlerTimings: false },
      // what nearly all pages need is one file; the library is another: Play and digits have that in their workers alone
      output: {
        codeSplitting: {
          groups: [
            // but for the page's style sheet, which elements in other pages must not bring along
            {
              name: "common",
              test: /\/playground\/(src|node_modules)\/(?!.*(?:\.css|\?en|\?zh)$)|preload-helper/,
              minShareCount: 12,
            },
            { name: "library", test: /^(?!.*(?:\.css|\?en|\?zh)$)/, minShareCount: 17 },
            ...["en", "zh"].map((language) => ({
              name: `common-${language}`,
              test: new RegExp(`\\?${language}$`),
              minShareCount: 9,
            })),
          ],
        },
      },
    },
  },
  worker: {
    format: "es",
    plugins: () => [workerFile],
    rolldownOptions: {
      checks: { bundlerTimings: false },
    },
  },
  define: { VERSION: JSON.stringify(version) },
  appType: "mpa",
});
