// Serves dist/ on this machine, and prints the address. `--port 8080` and `--host 0.0.0.0` choose another.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sirv from "sirv";

const { values } = parseArgs({
  options: { port: { type: "string", default: "4747" }, host: { type: "string", default: "127.0.0.1" } },
});
const isolation = Object.entries(JSON.parse(readFileSync(join(import.meta.dirname, "../isolation.json"), "utf8")));
const files = sirv(join(import.meta.dirname, "../dist"), {
  etag: true,
  setHeaders: (response) => {
    // other pages may load the elements of embed.js
    response.setHeader("Access-Control-Allow-Origin", "*");
    for (const [name, value] of isolation) response.setHeader(name, value);
  },
});
const server = createServer((request, response) =>
  files(request, response, () => {
    response.statusCode = 404;
    response.end("not found");
  }),
);
server.on("error", (error) => {
  if (error.code === "EADDRINUSE" && values.port === "4747") return server.listen(0, values.host);
  console.error(
    error.code === "EADDRINUSE" ? `serve: port ${values.port} is in use; choose another by --port` : error.message,
  );
  process.exitCode = 1;
});
server.on("listening", () => console.log(`The glass box: http://${values.host}:${server.address().port}/`));
server.listen(Number(values.port), values.host);
