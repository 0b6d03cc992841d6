// The work as a process: the tasks are its argument, as JSON, and the last line that it prints is the answer.
import { type Task, work } from "./work.ts";

const results = await work(JSON.parse(process.argv[2]!) as Task[]);
console.log(JSON.stringify({ versions: process.versions, results }));
