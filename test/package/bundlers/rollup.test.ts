import { codeIn } from "../../support/documents.ts";
import { describeBundled, emptyPage, shell } from "../../support/bundled.ts";

describeBundled(
  {
    name: "Rollup 4",
    long: true,
    packages: ["rollup@4.68.8", "@rollup/plugin-node-resolve@16.0.3"],
    files: { "rollup.config.js": codeIn("docs/web.md", "Rollup", "js") },
  },
  {
    build: {
      without: { required: "CommonJS needs a plugin" },
      build: (folder) => {
        emptyPage(folder);
        return shell(folder, "npx rollup --config");
      },
    },
  },
);
