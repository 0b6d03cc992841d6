// A minute of `npm run fuzz`, of what the library reads and of its whole API.
import { FUZZERS } from "./fuzzers.ts";
import { fuzzTests } from "./fuzzTests.ts";

fuzzTests(FUZZERS);
