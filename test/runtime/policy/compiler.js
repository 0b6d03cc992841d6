// A worker that compiles what its page may not.
addEventListener("message", async ({ data }) => {
  try {
    postMessage(await WebAssembly.compileStreaming(fetch(data)));
  } catch (error) {
    postMessage(String(error));
  }
});
