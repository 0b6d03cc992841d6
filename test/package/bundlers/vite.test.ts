import { rmSync } from "node:fs";
import { join } from "node:path";
import { codeIn } from "../../support/documents.ts";
import { type Bundling, describeBundled, shell, start } from "../../support/bundled.ts";

const BUILD = codeIn("docs/web.md", "Vite", "sh").trim();
const CONFIGURATION = { "documented.js": codeIn("docs/web.md", "Vite", "js") };
const COMMONJS = "the build of Vite 8 alone takes CommonJS from others than packages";

const dev: Bundling = {
  without: { required: COMMONJS },
  serve: (folder, isolated) => {
    rmSync(join(folder, "node_modules/.vite"), { recursive: true, force: true });
    const config = isolated ? ["--config=documented.js"] : []; // it has the headers
    return start(folder, "node_modules/vite/bin/vite.js", (port) => ["--host=127.0.0.1", `--port=${port}`, ...config]);
  },
};

const build: Bundling = { build: (folder) => shell(folder, BUILD) };
const configured: Bundling = {
  without: { required: COMMONJS },
  build: (folder) => shell(folder, `${BUILD} --config=documented.js`),
};

describeBundled({ name: "Vite 8", packages: ["vite@8.3.8"], files: CONFIGURATION }, { dev, build });

const singleWorker = "a worker with parts that are fetched later needs worker.format";
describeBundled(
  { name: "Vite 7", long: true, packages: ["vite@7.3.8"], files: CONFIGURATION },
  { dev, build: { ...build, singleWorker, without: { required: COMMONJS } }, "build, configured": configured },
);

const readme = "top-level await needs another target than the default";
describeBundled(
  { name: "Vite 5", long: true, packages: ["vite@5.4.21"], files: CONFIGURATION },
  { dev, build: { ...build, singleWorker, without: { required: COMMONJS, readme } }, "build, configured": configured },
);
