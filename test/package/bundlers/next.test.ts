import { expect } from "vitest";
import { describeBundled, HEADERS, run, start } from "../../support/bundled.ts";

const headers = Object.entries(HEADERS).map(([key, value]) => ({ key, value }));
const PROGRAM = "node_modules/next/dist/bin/next";

const FILES = {
  // what workers load must be sent with the second header, too
  "next.config.mjs": `export default {
  headers: async () => [
    { source: "/isolated", headers: ${JSON.stringify(headers)} },
    { source: "/_next/:path*", headers: ${JSON.stringify(headers.slice(1))} },
  ],
};
`,
  "app/layout.tsx": `export default function Layout({ children }: { children: React.ReactNode }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
  // rendered by the server, which trains for each request
  "app/page.tsx": `import { run } from "../dense";
import { Client } from "./client";

export const dynamic = "force-dynamic";

export default async function Page() {
  return <><pre id="server">{JSON.stringify(await run())}</pre><Client /></>;
}
`,
  "app/isolated/page.tsx": `import { Client } from "../client";

export default function Page() {
  return <Client />;
}
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
    void import("../main");
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
      build: (folder) => run(folder, PROGRAM, "build"),
      serve: (folder) => start(folder, PROGRAM, (port) => ["start", "--hostname=127.0.0.1", `--port=${port}`]),
      page: (isolated) => (isolated ? "/isolated" : "/"),
      also: {
        "the server has trained": async (page, expected) => {
          const text = await page.$eval("#server", (element) => element.textContent);
          expect(JSON.parse(text!)).toEqual(expected["dense"]);
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
