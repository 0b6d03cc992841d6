// A rank that takes part in every collective and says what was wrong, and whether a second call gave the same group.
import { mpi } from "wasmgrad/mpi";
import { faultsOfGroup } from "../../support/collectives.ts";

const group = await mpi();
const faults = await faultsOfGroup(group);
const same = (await mpi()) === group && (await mpi({ timeout: 600 })) === group;
const other = await mpi({ timeout: 5 }).catch((error: unknown) => String(error));
const { rank, size } = group;
console.log(JSON.stringify({ rank, size, library: (group as { library?: string }).library, faults, same, other }));
