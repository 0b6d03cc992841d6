// What the programs return in Node.
const results = {};
for (const name of ["dense", "everything", "threads", "offPage"])
  results[name] = await (await import(`./${name}.js`)).run();
console.log(JSON.stringify(results));
