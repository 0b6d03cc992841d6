import { describeBundled, emptyPage, run } from "../../support/bundled.ts";

const CONFIGURATION = `import { nodeResolve } from "@rollup/plugin-node-resolve";

export default {
  input: ["main.js", "worker.js"],
  plugins: [nodeResolve({ browser: true })],
  output: { dir: "dist" },
};
`;

describeBundled(
  {
    name: "Rollup 4",
    long: true,
    packages: ["rollup@4.68.8", "@rollup/plugin-node-resolve@16.0.3"],
    files: { "rollup.config.js": CONFIGURATION },
  },
  {
    build: {
      without: { required: "CommonJS needs a plugin" },
      build: async (folder) => {
        emptyPage(folder);
        await run(folder, "node_modules/rollup/dist/bin/rollup", "--config");
      },
    },
  },
);
