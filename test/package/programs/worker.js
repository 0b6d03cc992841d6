// A page's own worker, which imports the library as the page does.
import { attempt } from "./attempt.js";

addEventListener("message", async ({ data }) => postMessage(await attempt(...data)));
