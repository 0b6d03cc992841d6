import { codeIn } from "../../support/documents.ts";
import { describeBundled, emptyPage, shell } from "../../support/bundled.ts";

const split = codeIn("docs/web.md", "esbuild", "sh");
const classic = codeIn("docs/web.md", "esbuild", "sh", 1);

describeBundled(
  { name: "esbuild", packages: ["esbuild@0.28.2"] },
  {
    "split into files": {
      build: (folder) => {
        emptyPage(folder);
        return shell(folder, split);
      },
    },
    "one module": {
      single: true,
      build: (folder) => {
        emptyPage(folder);
        return shell(folder, split.replace(" --splitting", ""));
      },
    },
    "a classic script": {
      single: true,
      without: {
        own: "a script has no address to find a worker by",
        readme: "a script has no top-level await",
      },
      build: (folder) => {
        emptyPage(folder, '<script src="./main.js"></script>');
        return shell(folder, classic);
      },
    },
  },
);
