// What the programs come to in Node, as JSON.
const results = {};
for (const name of ["dense", "everything", "threads", "offPage"]) {
  results[name] = await (await import(`./${name}.js`)).run();
}
globalThis.document = { body: {} };
await import("./readme.js");
results.readme = document.body.textContent;
console.log(JSON.stringify(results));
