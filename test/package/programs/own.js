// A page with a module worker of its own, which imports the library.
export const run = () =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./own.worker.js", import.meta.url), { type: "module" });
    worker.addEventListener("error", (event) => reject(new Error(`own.worker.js: ${event.message}`)));
    worker.addEventListener("message", ({ data }) => {
      worker.terminate();
      resolve(data);
    });
  });
