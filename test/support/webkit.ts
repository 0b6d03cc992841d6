// WebKitGTK's MiniBrowser, driven through WebKitWebDriver. see: https://www.w3.org/TR/webdriver2/
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { executable, installed } from "./programs.ts";

/** How long a script of a page may take. */
const PATIENCE = 240_000;

export interface Webkit {
  readonly version: string;
  open(url: string): Promise<void>;
  /** What the expression's promise becomes. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

/** The three programs that are needed, or undefined. */
export function webkitPrograms(): { driver: string; browser: string; display: string } | undefined {
  const driver = installed("WebKitWebDriver");
  const display = installed("Xvfb");
  const browser = miniBrowser();
  return driver && display && browser ? { driver, browser, display } : undefined;
}

/** Debian puts MiniBrowser next to the library, in a folder named by the architecture; others have it in libexec. */
function miniBrowser(): string | undefined {
  const places = [
    "/usr/libexec",
    ...(existsSync("/usr/lib") ? readdirSync("/usr/lib").map((f) => `/usr/lib/${f}`) : []),
  ];
  const versions = ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"];
  return versions.flatMap((version) => places.map((place) => join(place, version, "MiniBrowser"))).find(executable);
}

/** Starts the browser on a display that nobody sees, with a home of its own. All of it ends with `close`. */
export async function openWebkit(env: Readonly<Record<string, string>> = {}): Promise<Webkit> {
  const programs = webkitPrograms();
  if (!programs) throw new Error("WebKitGTK is not installed; it takes WebKitWebDriver, MiniBrowser and Xvfb");
  const home = mkdtempSync(join(tmpdir(), "wasmgrad-webkit-"));
  const started: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const child of started.toReversed()) await end(child);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const { child: display, number } = await openDisplay(programs.display);
    started.push(display);
    const port = await freePort();
    const driver = spawn(programs.driver, ["--host=127.0.0.1", `--port=${port}`], {
      env: {
        ...process.env,
        DISPLAY: `:${number}`,
        HOME: home,
        XDG_RUNTIME_DIR: home,
        TMPDIR: home,
        LANG: "en_US.UTF-8", // else the page's language is "C", which is none
        LIBGL_ALWAYS_SOFTWARE: "1",
        WEBKIT_DISABLE_COMPOSITING_MODE: "1",
        NO_AT_BRIDGE: "1",
        ...env,
      },
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    started.push(driver);
    // a browser that doesn't know an option ends at once, and the driver would wait for it
    const refused = new Promise<never>((_, reject) => {
      let said = "";
      driver.stderr!.on("data", (text) => {
        said += String(text);
        const line = /invalid option.*\n/.exec(said);
        if (line) reject(new Error(`WebKitGTK: ${line[0].trim()}`));
      });
    });
    refused.catch(() => undefined); // it may come when nothing waits for it any more
    const base = `http://127.0.0.1:${port}`;
    await ready(base, driver);
    const options = { binary: programs.browser, args: ["--automation"] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
    const session = (await Promise.race([ask(base, "POST", "/session", { capabilities }), refused])) as {
      sessionId: string;
      capabilities: { browserVersion: string };
    };
    const place = `${base}/session/${session.sessionId}`;
    await ask(place, "POST", "/timeouts", { script: PATIENCE, pageLoad: PATIENCE });
    return {
      version: session.capabilities.browserVersion,
      open: async (url) => void (await ask(place, "POST", "/url", { url })),
      async evaluate(expression) {
        const script = `const done = arguments[0];
          Promise.resolve(${expression}).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
        const { value, error } = (await ask(place, "POST", "/execute/async", { script, args: [] })) as {
          value?: unknown;
          error?: string;
        };
        if (error !== undefined) throw new Error(error);
        return value;
      },
      async close() {
        await ask(place, "DELETE", "").catch(() => undefined); // ended below in any case
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function ask(base: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(base + path, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const { value } = (await response.json()) as { value: { error?: string; message?: string } | null };
  if (!response.ok) throw new Error(`WebKitWebDriver: ${method} ${path}: ${value?.error}: ${value?.message}`);
  return value;
}

async function ready(base: string, driver: ChildProcess): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (driver.exitCode !== null) throw new Error(`WebKitWebDriver ended with code ${driver.exitCode}`);
    try {
      await ask(base, "GET", "/status");
      return;
    } catch {
      await sleep(50);
    }
  }
  throw new Error("WebKitWebDriver doesn't answer");
}

/** Xvfb takes the first display that is free and says which. */
async function openDisplay(program: string): Promise<{ child: ChildProcess; number: number }> {
  const args = ["-displayfd", "3", "-screen", "0", "1024x768x24", "-nolisten", "tcp"];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "ignore", "pipe"], detached: true });
  const answer = child.stdio[3] as Readable;
  let text = "";
  for await (const chunk of answer) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  if (!/^\d+\n$/.test(text)) {
    await end(child);
    throw new Error(`Xvfb did not start; it said ${JSON.stringify(text)}`);
  }
  return { child, number: Number(text) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Ends a process and those that it started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  try {
    process.kill(-child.pid, "SIGTERM");
  } catch {
    return; // it ended on its own
  }
  const patience = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), 5000);
  await ended;
  clearTimeout(patience);
}
