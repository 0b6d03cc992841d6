// Everything that is loaded after this runs on three threads, however small it is: one core for all, since each has workers of its own.
import { vi } from "vitest";
import { createSharedCore } from "../../src/threads/start.ts";
import { limits } from "../../src/threads/pool.ts";

vi.mock(import("../../src/module.ts"), async (load) => {
  const real = await load();
  let shared: ReturnType<typeof real.createCore> | undefined;
  return {
    ...real,
    createCore: (owner, threads) =>
      threads ? real.createCore(owner, threads) : (shared ??= createSharedCore(owner, { threads: 3 })),
  };
});

limits.least = 0;
