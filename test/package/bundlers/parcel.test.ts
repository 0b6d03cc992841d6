import { codeIn } from "../../support/documents.ts";
import { describeBundled, shell } from "../../support/bundled.ts";

describeBundled(
  { name: "Parcel 2", long: true, packages: ["parcel@2.16.4"] },
  {
    build: {
      // a cache would outlive the library that it is of
      build: (folder) => shell(folder, `${codeIn("docs/web.md", "Parcel", "sh").trim()} --no-cache --cache-dir=.cache`),
    },
  },
);
