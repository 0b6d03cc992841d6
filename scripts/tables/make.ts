// Makes the CSV files of docs/tables.md under build/realTables: npx tsx scripts/tables/make.ts
import { hasTables, makeTables, tables } from "../../test/support/realTables.ts";

makeTables();
if (hasTables()) console.log(`The tables are in ${tables}`);
else process.exitCode = 1;
