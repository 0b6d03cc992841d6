import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/closing-reporter.ts"],
    globalSetup: ["./test/support/compile.ts"],
    testTimeout: 60_000,
    projects: [
      { extends: true, test: { name: "release", include: ["test/**/*.test.ts"] } },
      // the same kernels with their assertions
      {
        extends: true,
        test: {
          name: "debug",
          include: ["test/golden.test.ts", "test/assembly/**/*.test.ts"],
          setupFiles: ["./test/support/debug-core.ts"],
        },
      },
    ],
  },
});
