// Asks for the group with the options of the command line, and says what came of it; the exit code is 0 in either case.
import { mpi } from "wasmgrad/mpi";

const outcome = await mpi(JSON.parse(process.argv[2] ?? "{}")).then(
  ({ rank, size, library }) => ({ rank, size, library }),
  (error) => ({ rank: -1, error: `${error.constructor.name}: ${error.message}` }),
);
console.log(JSON.stringify(outcome));
