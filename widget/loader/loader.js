// The script-tag loader: it draws the launcher, opens the one frame that holds the chat, and takes the page's calls.
//
// It asks for nothing and stores nothing before the visitor shows intent. It sets no markup: elements by hand, styles
// by a constructable sheet and CSSOM, so that it runs under a strict policy and under Trusted Types.
// The server puts the site in the place of "__SITE__": {key, frame, looks: {primary, onPrimary}, locale}.
// No literal goes over several lines: the build takes out comments and indentation by the line.
(() => {
  const site = "__SITE__";
  const root = document.documentElement;
  // A second tag, or the same one after a single-page navigation.
  if (window.Causerie) return Causerie.mount();

  const origin = site.frame || new URL(document.currentScript.src).origin;
  const looks = site.looks || {};
  const mark = "causerie:" + site.key;
  // A window as small as a phone's, held either way: the panel takes it all.
  const small = "(max-width:479px),(max-height:499px)";

  // A language: the frame's title, the launcher's name, its name when open, what follows it when something is unread.
  const tables = {
    en: ["Chat", "Open chat", "Close chat", ", # unread"],
    fr: ["Chat", "Ouvrir le chat", "Fermer le chat", ", messages non lus : #"],
  };

  let locale = site.locale, level = 999999, cookies = "all";
  // The parts on the page: they exist between mount and destroy.
  let host, wrap, button, badge, watch;
  // The frame, the port it was given, that port once it answers, what waits for it, and who waits for an answer.
  let frame, given, port, queue, waiting = {}, sent = 0;
  // The page's own function that gives a token for whoever is logged in there.
  let tokens;
  let listeners = {}, hidden, opened, unread = 0;

  const language = () => [locale, ...navigator.languages, "en"].map((tag) => (tag + "").slice(0, 2)).find((tag) => tables[tag]);

  // On its own, so that the host's own fault is the host's to see and does not stop us.
  const call = (callback, ...values) => callback && queueMicrotask(() => callback(...values));

  const tell = (name, type, payload) => {
    // A blob's address ends in a UUID, on plain http too.
    const id = URL.createObjectURL(new Blob()).slice(-36);
    const event = type ? { id, createdAt: (Date.now() / 1e3) | 0, type, payload } : payload;
    listeners[name]?.forEach((listener) => call(listener, event));
  };

  // The one thing kept in the page's storage, where it is allowed: that this visitor has written.
  const marker = (to) => {
    try {
      if (to) localStorage[mark] = to;
      if (to == 0) delete localStorage[mark];
      return localStorage[mark];
    } catch {}
  };

  // ---- The launcher

  const make = (name, parent, attributes) => {
    const node = document.createElement(name);
    for (const attribute in attributes) node.setAttribute(attribute, attributes[attribute]);
    parent.append(node);
    return node;
  };

  const style = [
    ":host{all:initial!important}",
    "div{position:fixed;bottom:calc(20px + env(safe-area-inset-bottom));inset-inline-end:calc(20px + env(safe-area-inset-right));--p:#0F5C5C;--o:#fff}",
    "@media(prefers-color-scheme:dark){div{--p:#5CC2B8;--o:#06201E}}",
    "button{position:relative;display:block;width:56px;height:56px;padding:12px;border:2px solid transparent;border-radius:28px;background:var(--p);color:var(--o);cursor:pointer;box-shadow:0 6px 20px #0004}",
    "button:hover{filter:brightness(1.1)}",
    "button:focus-visible{outline:3px solid var(--p);outline-offset:3px}",
    // The icon is a shape, for an image would ask the page's policy.
    "i{display:block;height:28px;background:currentColor;clip-path:path(evenodd,'M14 3C7 3 2 8 2 13c0 3 1 5 3 7l-1 5 6-2c8 2 16-2 16-10 0-5-5-10-12-10ZM9 10h10v2H9ZM9 15h7v2H9Z')}",
    "[aria-expanded=true] i{clip-path:path('M5 10l2-2 7 7 7-7 2 2-9 9Z')}",
    "span:empty{display:none}",
    "span{position:absolute;top:-6px;inset-inline-end:-6px;min-width:12px;padding:0 5px;border:1px solid transparent;border-radius:11px;background:#B3261E;color:#fff;font:600 12px/20px system-ui}",
    "iframe{position:absolute;bottom:68px;inset-inline-end:0;width:400px;height:min(680px,100vh - 104px);border:0;border-radius:16px;background:Canvas;outline:1px solid #8883;box-shadow:0 12px 48px #0004;color-scheme:light dark;transition:.14s}",
    "[inert]{visibility:hidden;opacity:0;transform:translateY(8px)}",
    "@media" + small + "{iframe{position:fixed;inset:0;width:100%;height:100%;border-radius:0}[aria-expanded=true]{display:none}}",
    "@media(forced-colors:active){i{background:ButtonText}}",
    "@media(prefers-reduced-motion){iframe{transition:none}}",
  ].join("");

  const mount = () => {
    if (host) return;
    // Beside the body, which single-page navigation may replace; and back, should the page take it away.
    host = make("div", root, { id: "launcher" });
    watch = new MutationObserver(() => setTimeout(() => host && !host.isConnected && root.append(host)));
    watch.observe(root, { childList: true });
    const shadow = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    shadow.adoptedStyleSheets = [sheet];
    wrap = make("div", shadow);
    looks.primary && wrap.style.setProperty("--p", looks.primary);
    looks.onPrimary && wrap.style.setProperty("--o", looks.onPrimary);
    button = make("button", wrap, { type: "button" });
    make("i", button);
    badge = make("span", button, { "aria-hidden": true });
    button.addEventListener("click", () => (opened ? close() : open()));
    for (const name of ["pointerenter", "focus", "touchstart"]) button.addEventListener(name, warm, { passive: true });
    button.addEventListener("keydown", (event) => event.key == "Escape" && close());
    draw();
    marker() && load("/frame/unread");
  };

  const draw = () => {
    if (!host) return;
    const [title, open, close, more] = tables[language()];
    wrap.hidden = hidden;
    wrap.style.zIndex = level;
    badge.textContent = opened || !unread ? "" : Math.min(unread, 99);
    button.ariaLabel = opened ? close : open + (unread ? more.replace("#", unread) : "");
    button.ariaExpanded = !!opened;
    if (!frame) return;
    frame.title = title;
    frame.inert = !opened;
    // On a phone the frame is as high as what the keyboard leaves.
    const view = visualViewport, full = opened && matchMedia(small).matches;
    frame.style.height = full ? view.height + "px" : "";
    frame.style.top = full ? view.offsetTop + "px" : "";
  };

  // ---- The frame

  const load = (path) => {
    frame = make("iframe", wrap, {
      sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads",
      allow: "clipboard-write",
      referrerpolicy: "strict-origin",
      src: origin + path + "?key=" + site.key + "&locale=" + language(),
    });
    queue = [];
    waiting = {};
    draw();
  };

  // The app says when it listens. Said again, it has loaded again, after an upgrade: the old port is dead.
  // Nothing is posted before: while the frame has no document of ours, a browser would complain on the page's console.
  const greet = (event) => {
    if (!frame || event.source != frame.contentWindow || event.origin != origin) return;
    for (const ref in port && waiting) answer(ref, gone);
    port = 0;
    const { port2, port1 } = new MessageChannel();
    port1.addEventListener("message", (event) => given == port1 && heard(event.data));
    port1.start();
    given = port1;
    event.source.postMessage({ type: "hello", causerie: 1, open: opened, cookies }, origin, [port2]);
  };

  const unload = () => {
    frame && frame.remove();
    for (const ref in waiting) answer(ref, gone);
    frame = given = port = 0;
  };

  const warm = () => {
    mount();
    // The page that only counts makes room for the chat.
    frame && /unread\?/.test(frame.src) && unload();
    frame || load("/frame/");
  };

  const say = (message) => (port ? port.postMessage(message) : queue.push(message));

  const gone = "The chat is gone.";
  const answer = (ref, error, id) => {
    call(waiting[ref], error ? Error(error) : null, error ? null : { id });
    delete waiting[ref];
  };

  const heard = (message) => {
    const { type, ref, error } = message;
    if (type == "ready") {
      port = given;
      queue.splice(0).map(say);
    }
    if (type == "close") close();
    const give = (jwt) => say({ type, ref, jwt });
    if (type == "token") tokens?.call ? call(tokens, give) : give();
    if (type == "marker") cookies == "none" || marker(1);
    if (type == "event") tell(message.name, message.name, message.payload);
    if (type == "sent") answer(ref, error, message.id);
    if (type == "unread" && message.count != unread) {
      unread = message.count;
      draw();
      tell("unreadMessages", 0, unread);
    }
  };

  // ---- Commands

  const open = () => {
    warm();
    if (opened) return;
    opened = true;
    hidden = 0;
    draw();
    frame.focus();
    say({ type: "open" });
    tell("open", "messagingOpened");
  };

  const close = () => {
    if (!opened) return;
    opened = false;
    draw();
    say({ type: "close" });
    button.focus();
    tell("close", "messagingClosed");
  };

  // Takes everything away but the functions themselves: a later `show`, `open` or `sendMessage` begins anew.
  const destroy = () => {
    if (!host) return;
    unload();
    watch.disconnect();
    host.remove();
    marker(0);
    host = tokens = opened = hidden = unread = 0;
    listeners = {};
  };

  // What the frame does; it is answered later.
  const ask = (type, callback, said) => {
    warm();
    const message = { type, ref: ++sent, said };
    waiting[sent] = callback;
    say(message);
    // What nobody has taken by then is not done later.
    setTimeout(() => port || answer(message.ref, gone, message.type = 0), 3e4);
    return waiting;
  };

  const commands = {
    "messenger open": open,
    "messenger close": close,
    "messenger destroy": destroy,
    "messenger show": () => mount((hidden = 0)),
    "messenger hide": () => (hidden = 1),
    // What is given is the app's to judge: as text, for a port takes no functions.
    "messenger sendMessage": (callback, ...values) => ask("send", callback, JSON.stringify(values)),
    "messenger loginUser": (callback, given) => {
      tokens = given;
      return ask("login", (fault) => {
        const message = fault?.message;
        call(callback, fault && { message, reason: message, type: "LoginFailedError" });
      });
    },
    "messenger logoutUser": () => {
      tokens = 0;
      warm();
      say({ type: "logout" });
    },
    "messenger resetWidget": (callback) => {
      tokens = marker(0);
      return ask("reset", callback);
    },
    "messenger:set zIndex": (callback, value) => (level = value),
    "messenger:set locale": (callback, value) => {
      const before = language();
      locale = value;
      // The words come with the document: another language is another document.
      if (frame && language() != before) {
        unload();
        warm();
      }
    },
    "messenger:set cookies": (callback, value) => {
      cookies = value;
      value == "none" && marker(0);
      frame && say({ type: "cookies", level: value });
    },
  };

  const events = ["open", "close", "unreadMessages", "conversationStarted", "sessionEnded"];

  const run = (group, name, ...values) => {
    // The first of loginUser's two functions gives a token; only the second is told how it went.
    const callback = values.slice(name == "loginUser" ? 1 : 0).find((value) => typeof value == "function");
    const unknown = "Unknown: " + group + " " + name;
    if (group == "messenger:on") {
      events.includes(name) || console.warn(unknown);
      const list = (listeners[name] ||= new Set());
      list.add(callback);
      return () => list.delete(callback);
    }
    try {
      const command = commands[group + " " + name];
      if (!command) {
        console.warn(unknown);
        throw Error(unknown);
      }
      command(callback, ...values) == waiting || call(callback, null);
      draw();
    } catch (fault) {
      call(callback, fault, null);
    }
  };

  addEventListener("message", greet);
  for (const name of ["resize", "scroll"]) visualViewport.addEventListener(name, draw);
  window.Causerie = { destroy, mount };
  window.causerie = run;
  window.zE ||= run;
  mount();
})();
