// Exports of threads.wasm besides those of all other binaries, which the build puts before these, in the order of list.json.
export { poolJoin, poolLead, poolServe } from "../runtime/pool";
