import { describeBundled, run } from "../../support/bundled.ts";

describeBundled(
  { name: "Parcel 2", long: true, packages: ["parcel@2.16.4"] },
  {
    build: {
      build: (folder) =>
        run(folder, "node_modules/parcel/lib/bin.js", "build", "index.html", "--no-cache", "--cache-dir=.parcel-cache"),
    },
  },
);
