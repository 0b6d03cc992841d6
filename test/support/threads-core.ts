// Everything that is loaded after this runs on three threads, however small it is: one core for all, since each has workers
// of its own.
import { vi } from "vitest";
import { createSharedCore } from "../../src/runtime/threads/sharedCore.ts";
import { limits } from "../../src/runtime/threads/threadPool.ts";

vi.mock(import("../../src/runtime/core.ts"), async (load) => {
  const real = await load();
  let shared: ReturnType<typeof real.createCore> | undefined;
  return {
    ...real,
    createCore: (owner, threads) =>
      threads ? real.createCore(owner, threads) : (shared ??= createSharedCore(owner, { threads: 3 })),
  };
});

limits.least = 0;
