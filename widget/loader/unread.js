// Counts what a returning visitor has not read, and tells the loader. No WASM, no socket, nothing stored.
//
// The document's data block is the frame's: of it, {key, origins} are read here.
(() => {
  const boot = JSON.parse(document.getElementById("boot").textContent);
  let port, secret;
  try {
    // The widget's own key: see `widget/src/shell/storage.rs`.
    secret = localStorage.getItem(`causerie:${boot.key}:secret`);
  } catch {
    // Refused: nobody is known here.
  }

  const count = async () => {
    if (!secret || document.visibilityState == "hidden") return;
    const answer = await fetch(`/api/messaging/unread?key=${encodeURIComponent(boot.key)}`, {
      headers: { authorization: `Bearer ${secret}` },
      cache: "no-store",
    }).catch(() => undefined);
    // Without an answer the next look brings it.
    if (answer && answer.ok) port.postMessage({ type: "unread", count: (await answer.json()).count });
  };

  addEventListener("message", (event) => {
    const known = event.source === parent && (boot.origins || []).includes(event.origin);
    if (port || !known || !event.data || event.data.causerie !== 1 || event.data.type !== "hello") return;
    port = event.ports[0];
    port.start();
    port.postMessage({ type: "ready" });
    count();
    setInterval(count, 60000);
    document.addEventListener("visibilitychange", count);
  });
  // Hello can be said now.
  parent.postMessage({ causerie: 1, type: "here" }, "*");
})();
