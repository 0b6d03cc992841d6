// Which kind of processor this is: clouds hide the model's name, but not its family and number.
import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Vendor, family and model, as /proc/cpuinfo has them, of servers that are to be had by the hour. */
const KINDS: Readonly<Record<string, string>> = {
  "GenuineIntel 6 79": "Intel Broadwell",
  "GenuineIntel 6 85": "Intel Skylake or Cascade Lake",
  "GenuineIntel 6 106": "Intel Ice Lake",
  "GenuineIntel 6 143": "Intel Sapphire Rapids",
  "GenuineIntel 6 167": "Intel Rocket Lake",
  "GenuineIntel 6 173": "Intel Granite Rapids",
  "GenuineIntel 6 207": "Intel Emerald Rapids",
  "AuthenticAMD 23 49": "AMD Zen 2",
  "AuthenticAMD 25 1": "AMD Zen 3",
  "AuthenticAMD 25 17": "AMD Zen 4",
  "AuthenticAMD 26 2": "AMD Zen 5",
};

/** Such as "AMD Zen 3", or what the system calls it. */
export function processorKind(): string {
  const name = cpus()[0]?.model.trim() ?? "unknown";
  try {
    const text = readFileSync("/proc/cpuinfo", "utf8");
    const field = (key: string): string => new RegExp(`^${key}\\s*: (.*)$`, "m").exec(text)?.[1] ?? "";
    return KINDS[[field("vendor_id"), field("cpu family"), field("model")].join(" ")] ?? name;
  } catch {
    return name; // not Linux
  }
}
