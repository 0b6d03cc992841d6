// The benchmark as a page: npx tsx examples/bench/serve.ts. To compare with TensorFlow.js: npm install --prefix examples/bench
import { join } from "node:path";
import { serve } from "../../test/support/server.ts";

const { url } = await serve(join(import.meta.dirname, "../.."), { isolated: true, port: 8080 });
console.log(`${url}/examples/bench/index.html`);
