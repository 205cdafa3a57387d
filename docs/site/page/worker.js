// Stands before JupyterLite's own service worker: keeps each file of the live lessons in the browser when it first
// comes by, and tells the door how far a download is. Another build of the site has another name, and starts afresh.
(() => {
  const NAME = "lessons-VERSION";
  const door = new BroadcastChannel("lessons-loading");
  const folder = new URL(self.registration.scope).pathname;

  self.addEventListener("activate", (event) => event.waitUntil(forget()));
  self.addEventListener("fetch", (event) => {
    const { pathname, origin } = new URL(event.request.url);
    const ours = origin === self.location.origin && pathname.startsWith(folder) && event.request.method === "GET";
    if (!ours || /\/api\/(drive|stdin|service-worker)/.test(pathname)) return;
    event.stopImmediatePropagation(); // one answer is enough
    event.respondWith(answer(event, origin + pathname));
  });

  async function forget() {
    for (const name of await caches.keys()) if (/^lessons-/.test(name) && name !== NAME) await caches.delete(name);
  }

  async function answer(event, address) {
    const cache = await caches.open(NAME);
    const kept = await cache.match(address);
    if (kept) {
      door.postMessage({ address, bytes: Number(kept.headers.get("Content-Length")), kept: true });
      return kept;
    }
    const response = await fetch(event.request);
    if (response.ok && !response.redirected) event.waitUntil(keep(cache, address, response.clone()));
    return response;
  }

  async function keep(cache, address, response) {
    const chunks = [], headers = new Headers(response.headers);
    let size = 0;
    const reader = response.body.getReader();
    for (let part; !(part = await reader.read()).done; ) {
      chunks.push(part.value);
      size += part.value.length;
      door.postMessage({ address, bytes: part.value.length });
    }
    headers.delete("Content-Encoding"); // it is unpacked
    headers.set("Content-Length", String(size));
    await cache.put(address, new Response(new Blob(chunks), { headers })).catch(() => {}); // no room: fetched again
  }
})();
