import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { codeIn } from "../../support/documents.ts";
import { describeBundled, shell, start } from "../../support/bundled.ts";

const onServer = codeIn("docs/web.md", "Next", "tsx");

const FILES = {
  "next.config.mjs": codeIn("docs/web.md", "Next", "js"),
  // it trains for each request
  "app/server/page.tsx": onServer,
  "app/layout.tsx": `export default function Layout({ children }: { children: React.ReactNode }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
  "app/page.tsx": `import { Client } from "./client";

export default function Page() {
  return <Client />;
}
`,
  "app/isolated/page.tsx": `export { default } from "../page";
`,
  "app/client.tsx": `"use client";
import { useEffect, useState } from "react";
import { dense, meanSquaredError, type Model, sequential, sgd, tanh, Trainer } from "wasmgrad";

async function trained(): Promise<Model> {
  const model = await sequential({ input: 2, seed: 1 }, dense(8), tanh(), dense(1));
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: sgd({ learningRate: 0.1 }) });
  await trainer.fit({ x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0] }, { epochs: 100 });
  return model;
}

export function Client() {
  const [fingerprint, setFingerprint] = useState("");
  useEffect(() => {
    void import("../main.mjs");
    void trained().then((model) => setFingerprint(model.fingerprint()));
  }, []);
  return <pre id="client">{fingerprint}</pre>;
}
`,
};

describeBundled(
  {
    name: "Next 16",
    long: true,
    manifest: {},
    packages: [
      "next@16.4.6",
      "react@19.3.1",
      "react-dom@19.3.1",
      "typescript@5.9.3",
      "@types/node@20.19.43",
      "@types/react@19.3.3",
    ],
    files: FILES,
  },
  {
    "build and start": {
      build: (folder) => shell(folder, "npx next build"),
      serve: (folder) =>
        start(folder, "node_modules/next/dist/bin/next", (port) => ["start", "--hostname=127.0.0.1", `--port=${port}`]),
      page: (isolated) => (isolated ? "/isolated" : "/"),
      also: {
        "the server has trained": async (page, _, folder) => {
          const text = await page.evaluate("fetch('/server').then((response) => response.text())");
          const body = onServer
            .replace(/^export .*$/gm, "")
            .replace(/return <.*$/m, "console.log(model.fingerprint());");
          writeFileSync(join(folder, "server.mjs"), body.trim().replace(/\}$/, ""));
          const fingerprint = (await shell(folder, "node server.mjs")).trim();
          expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
          expect(text).toContain(`<p id="server">${fingerprint}</p>`);
        },
        "a client component trains": async (page, expected) => {
          await page.waitForFunction("document.querySelector('#client').textContent !== ''");
          const text = await page.$eval("#client", (element) => element.textContent);
          expect(text).toBe((expected["dense"] as { fingerprint: string }).fingerprint);
        },
      },
    },
  },
);
