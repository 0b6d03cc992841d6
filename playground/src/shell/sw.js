// Keeps the site's files, so that it works without a network, and answers with the headers that open shared memory to threads on hosts
// that send none: from the second page on. A new version waits until no page of the old one is open, or is asked to take over; what is
// open then has its parts from the old one's files.
const FILES = [/* files */];
const NAME = "wasmgrad-/* version */";
const HEADERS = {/* headers */};

addEventListener("install", (event) => {
  // past the browser's own cache: a file of the last version may be in it
  const requests = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(requests)));
});

addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const before = (await caches.keys()).filter((name) => name.startsWith("wasmgrad-") && name !== NAME);
      // pages of the last version that are open may still want parts of it: the server has them no more
      const open = await clients.matchAll({ includeUncontrolled: true });
      if (open.length > 0) before.pop();
      for (const name of before) await caches.delete(name);
      await clients.claim();
    })(),
  );
});

addEventListener("message", ({ data }) => {
  if (data === "take over") void skipWaiting();
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  event.respondWith(
    (async () => {
      const address = new URL(request.url);
      if (address.pathname.endsWith("/")) address.pathname += "index.html";
      // storage that is full or out of order keeps nobody from the network
      const cache = await caches.open(NAME).catch(() => undefined);
      let response = await cache?.match(address, { ignoreSearch: true }).catch(() => undefined);
      // a name with a hash is one content in all versions
      if (!response && address.pathname.includes("/assets/"))
        response = await caches.match(address, { ignoreSearch: true }).catch(() => undefined);
      if (!response) {
        response = await fetch(request);
        // large data that was asked for once is there without a network, too
        if (response.ok && address.pathname.includes("/data/"))
          await cache?.put(address, response.clone()).catch(() => undefined);
      }
      if (response.type === "opaque" || response.status === 0) return response;
      const headers = new Headers(response.headers);
      for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
      return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
    })(),
  );
});
