// A few seconds of `npm run fuzz`, of what the playground reads.
import { fuzzTests } from "../../fuzz/fuzzTests.ts";
import { FUZZERS } from "./fuzzers.ts";

fuzzTests(FUZZERS);
