// Debian's PyTorch: apt-get install python3-torch.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

export const PYTHON = "/usr/bin/python3";

/** Whether Debian's Python has it. */
export function hasTorch(): boolean {
  try {
    if (!existsSync(PYTHON)) return false;
    execFileSync(PYTHON, ["-c", "import torch, numpy"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Tests that need it are skipped where it isn't, but not where everything has to run. */
export const skipsTorch = !hasTorch() && !process.env["CI"];

/** For the names of such tests. */
export const needsTorch = skipsTorch ? " (skipped: needs apt-get install python3-torch)" : "";
