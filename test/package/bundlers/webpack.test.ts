import { describeBundled, emptyPage, run } from "../../support/bundled.ts";

describeBundled(
  { name: "webpack 5", packages: ["webpack@5.113.0", "webpack-cli@7.3.1"] },
  {
    "without configuration": {
      build: async (folder) => {
        emptyPage(folder, '<script src="./main.js"></script>');
        await run(folder, "node_modules/webpack/bin/webpack.js", "./main.js", "--mode=production");
      },
    },
  },
);
