import { codeIn } from "../../support/documents.ts";
import { describeBundled, emptyPage, shell } from "../../support/bundled.ts";

describeBundled(
  { name: "webpack 5", packages: ["webpack@5.113.0", "webpack-cli@7.3.1"] },
  {
    "without configuration": {
      build: (folder) => {
        emptyPage(folder, '<script src="./main.js"></script>');
        return shell(folder, codeIn("docs/web.md", "webpack", "sh"));
      },
    },
  },
);
