// The process that computes with PyTorch: one for all cases, a line of JSON each way.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PYTHON } from "../support/torch.ts";

/** Who computes the other side of a comparison. */
export interface Asked {
  ask(question: object): Promise<unknown>;
}

export class PyTorch implements Asked {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve(answer: unknown): void; reject(error: Error): void }[] = [];

  constructor() {
    this.#process = spawn(PYTHON, [join(import.meta.dirname, "server.py")]);
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      const answer = JSON.parse(line) as { error?: string };
      const first = this.#waiting.shift();
      if (answer.error === undefined) first?.resolve(answer);
      else first?.reject(new Error(`PyTorch's side failed:\n${answer.error}`));
    });
    let complaint = "";
    this.#process.stderr.on("data", (data: Buffer) => (complaint += data.toString()));
    this.#process.on("close", () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`PyTorch's side has ended:\n${complaint}`));
    });
  }

  ask(question: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }

  end(): void {
    this.#process.stdin.end();
  }
}
