// What the playground reads from links, from the clipboard and from files.
import type { Fuzzer } from "../../fuzz/engine.ts";
import { links } from "./links.ts";
import { dropped, tables } from "./tables.ts";

export const FUZZERS: readonly Fuzzer[] = [links, tables, dropped];
