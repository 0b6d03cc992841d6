import { defineConfig } from "vitest/config";

const golden = ["test/golden.test.ts"];
/** Tests of the kernels: they change nothing outside themselves, so that they can share a process. */
const kernels = [...golden, "test/assembly/**/*.test.ts"];
const site = "test/playground/**/*.test.ts";
const debug = "./test/support/debug-core.ts";
const threads = "./test/support/threads-core.ts";

export default defineConfig({
  // the playground's modules name the library as users do
  resolve: {
    alias: [
      { find: /^wasmgrad$/, replacement: `${import.meta.dirname}/build/index.js` },
      { find: /^wasmgrad\/(\w+)$/, replacement: `${import.meta.dirname}/build/$1.js` },
    ],
  },
  test: {
    reporters: ["default", "./test/support/closing-reporter.ts"],
    globalSetup: ["./test/support/setup.ts"],
    // on slow and busy machines all take many times as long: these end only what would never end
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000, interval: 50 } },
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "library", include: ["test/**/*.test.ts"], exclude: [...kernels, site] } },
      // what is clicked in real browsers: on a busy machine a click may come between two redraws
      { extends: true, test: { name: "playground", include: [site], retry: 3 } },
      { extends: true, test: { name: "kernels", include: kernels, isolate: false } },
      // the same with the assertions of the debug build
      { extends: true, test: { name: "debug", include: kernels, isolate: false, setupFiles: [debug] } },
      // the other binary
      { extends: true, test: { name: "threads", include: golden, setupFiles: [threads] } },
      { extends: true, test: { name: "threads debug", include: golden, setupFiles: [debug, threads] } },
    ],
  },
});
