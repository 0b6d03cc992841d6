// How workers are started, in frames that are in a sandbox, too; and what to do where there are none.
import type { Text } from "./text.ts";

let forbidden = false;
if (typeof document !== "undefined")
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
    forbidden ||= effectiveDirective === "worker-src";
  });

/** What to say where no worker starts, if it is known why: a policy, or a browser that is too old. */
export function whyNoWorkers(): { readonly what: Text; readonly todo: Text } | undefined {
  if (typeof Worker === "undefined")
    return {
      what: { en: "This browser has no workers.", zh: "此浏览器没有 Worker。" },
      todo: {
        en: "They compute here, while the page draws. Any browser since 2021 has them: update it, or open this page in another one. Nothing was lost; the address holds your settings.",
        zh: "本页靠它们计算。2021 年以来的浏览器都有：请更新，或换一个浏览器打开本页。什么都没有丢失，设置都在地址里。",
      },
    };
  if (!forbidden) return undefined;
  return {
    what: { en: "This page may not start workers.", zh: "本页不能启动 Worker。" },
    todo: {
      en: "They compute here, while the page draws. The policy of the site that serves this page forbids them: it needs 'self' in worker-src. On another site, or from your own computer (npm run playground), the page works. Nothing was lost; the address holds your settings.",
      zh: "本页靠它们计算。提供本页的网站的策略禁止了它们：worker-src 需要 'self'。换一个网站，或在自己的电脑上（npm run playground），本页可用。什么都没有丢失，设置都在地址里。",
    },
  };
}

/** Workers that import a module, instead of being one. */
const importing = (): typeof Worker =>
  class extends Worker {
    constructor(address: string | URL, options?: WorkerOptions) {
      // not of a blob: within a sandbox Chromium starts no module from one
      super(`data:text/javascript,${encodeURIComponent(`import ${JSON.stringify(String(address))};`)}`, options);
    }
  };

/**
 * Starts a worker: `startWorker((Worker) => new Worker(new URL(…, import.meta.url)))`, as bundlers look for it. Within a sandbox a page
 * has no origin, so that files of the site can't be its workers, but those may import them.
 *
 * @throws {Error} where there are no workers
 */
export const startWorker = (make: (kind: typeof Worker) => Worker): Worker =>
  make(globalThis.origin === "null" ? importing() : Worker);
