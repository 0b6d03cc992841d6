// A page with a module worker of its own, which imports the library.
export const run = () =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("error", (event) => reject(new Error(`worker.js: ${event.message}`)));
    worker.addEventListener("message", ({ data }) => {
      worker.terminate();
      resolve(data);
    });
  });
