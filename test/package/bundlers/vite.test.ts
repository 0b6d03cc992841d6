import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Bundling, describeBundled, HEADERS, run, start } from "../../support/bundled.ts";

const PROGRAM = "node_modules/vite/bin/vite.js";
const COMMONJS = "Vite takes CommonJS from packages alone";

const dev: Bundling = {
  without: { required: COMMONJS },
  serve: (folder, isolated) => {
    rmSync(join(folder, "node_modules/.vite"), { recursive: true, force: true });
    const config = isolated ? ["--config=isolated.config.js"] : [];
    return start(folder, PROGRAM, (port) => ["--host=127.0.0.1", `--port=${port}`, ...config]);
  },
};

const build = (without: Record<string, string>, ...args: readonly string[]): Bundling => ({
  without,
  build: (folder) => run(folder, PROGRAM, "build", ...args),
});

const files = {
  "isolated.config.js": `export default { server: { headers: ${JSON.stringify(HEADERS)} } };\n`,
  "worker.config.js": 'export default { worker: { format: "es" } };\n',
};

describeBundled({ name: "Vite 8", packages: ["vite@8.3.8"], files }, { dev, build: build({}) });

for (const version of ["7.3.8", "5.4.21"]) {
  describeBundled(
    { name: `Vite ${version[0]}`, long: true, packages: [`vite@${version}`], files },
    {
      dev,
      build: build({ required: COMMONJS, own: "a worker with parts that are fetched later needs worker.format" }),
      "build, with worker.format": build({ required: COMMONJS }, "--config=worker.config.js"),
    },
  );
}
