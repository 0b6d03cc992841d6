import type { Reporter, TestModule } from "vitest/node";

/** Ends the output with the plain line `N passed, N failed, N skipped`. */
export default class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      for (const state of states) counts[state === "passed" || state === "failed" ? state : "skipped"]++;
      if (module.state() === "failed" && !states.includes("failed")) counts.failed++; // it could not be loaded
    }
    process.on("exit", () => {
      const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
      console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
    });
  }
}
