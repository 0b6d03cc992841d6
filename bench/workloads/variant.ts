/** Options of every model of this process: BENCH_THREADS, how many threads compute it. */
export const variant: { readonly threads?: number } = process.env["BENCH_THREADS"]
  ? { threads: Number(process.env["BENCH_THREADS"]) }
  : {};
