// Accesses WebAssembly's memory out of bounds, once MPI has been started.
import { mpi } from "wasmgrad/mpi";

const { rank } = await mpi();
// (func (export "f") (param i32) (result i32) local.get 0 i32.load) on a memory of one page
const text = "0061736d 01000000 01060160017f017f 03020100 0503010001 07050101660000 0a0901070020002802000b".replaceAll(
  " ",
  "",
);
const { instance } = await WebAssembly.instantiate(Buffer.from(text, "hex"));
let error;
try {
  instance.exports.f(2 ** 28);
} catch (thrown) {
  error = String(thrown);
}
const { UCX_MEM_MMAP_HOOK_MODE: hooks, UCX_ERROR_SIGNALS: signals } = process.env;
console.log(JSON.stringify({ rank, error, hooks, signals }));
