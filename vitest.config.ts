import { defineConfig } from "vitest/config";

/** Tests of the kernels: they change nothing outside themselves, so that they can share a process. */
const kernels = ["test/golden.test.ts", "test/assembly/**/*.test.ts"];

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/closing-reporter.ts"],
    globalSetup: ["./test/support/setup.ts"],
    testTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "library", include: ["test/**/*.test.ts"], exclude: kernels } },
      { extends: true, test: { name: "kernels", include: kernels, isolate: false } },
      // the same with the assertions of the debug build
      {
        extends: true,
        test: { name: "debug", include: kernels, isolate: false, setupFiles: ["./test/support/debug-core.ts"] },
      },
    ],
  },
});
