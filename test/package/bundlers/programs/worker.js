import { run } from "./dense.js";

run().then(
  (result) => postMessage(result),
  (error) => postMessage(String(error)),
);
