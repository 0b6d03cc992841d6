// A plain file server for pages that are tested: the repository as it is, TypeScript translated on the way.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { transform } from "esbuild";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".ts": "text/javascript",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** What a page needs to share memory between threads. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
} as const;

export interface Server {
  readonly url: string;
  close(): void;
}

export interface ServerOptions {
  readonly isolated?: boolean;
  readonly port?: number;
  readonly policy?: string;
  readonly fallback?: string;
  readonly fallbackIndex?: boolean;
  readonly everywhere?: boolean;
  readonly refuse?: (path: string) => boolean;
  readonly open?: boolean;
}

/**
 * Serves a folder to this machine.
 *
 * @param options.isolated pages may share memory between threads; default false
 * @param options.port default: any that is free
 * @param options.fallback the file that is sent, with its own type, for those that are missing; default none: a 404
 * @param options.fallbackIndex a folder's address gives its index.html; default false
 * @param options.policy the pages' Content-Security-Policy, which workers don't take over; default none
 * @param options.everywhere sends the policy with scripts too, of which workers have it; default false
 * @param options.refuse called with each path that is asked for; where it says true, the answer is that the server can't
 * @param options.open pages of other origins may read the files, as those of a content delivery network; default false
 */
export async function serve(root: string, options: ServerOptions = {}): Promise<Server> {
  const {
    isolated = false,
    port = 0,
    policy,
    fallback,
    fallbackIndex = false,
    everywhere = false,
    refuse,
    open = false,
  } = options;
  const headers = isolated ? ISOLATION : {};
  const server = createServer(async (request, response) => {
    let path = normalize(decodeURIComponent(new URL(request.url!, "http://localhost").pathname));
    if (fallbackIndex && path.endsWith("/")) path += "index.html";
    if (refuse?.(path)) {
      response.writeHead(503).end();
      return;
    }
    try {
      let file = join(root, path);
      if (fallback !== undefined && !existsSync(file)) file = join(root, fallback);
      let body: Buffer | string = await readFile(file);
      const extension = extname(file);
      if (extension === ".ts") body = (await transform(body.toString(), { loader: "ts", format: "esm" })).code;
      const type = TYPES[extension] ?? "application/octet-stream";
      response
        .writeHead(200, {
          "content-type": type,
          ...headers,
          ...(open ? { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" } : {}),
          ...(policy && (everywhere || extension === ".html") ? { "content-security-policy": policy } : {}),
        })
        .end(body);
    } catch {
      response.writeHead(404).end(`${path}: not found`);
    }
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
