// Frames where sockets are blocked: what looks like a WebSocket to the widget, over requests that wait.
// Fetched only then. The server's side: `POST /api/messaging/poll`.
globalThis.CauseriePoll = class {
  #hello;
  #told = null;
  #waiting = [];
  #busy = false;
  #probe;
  #stop = new AbortController();

  constructor(socketAddress, protocol) {
    this.address = socketAddress;
    this.protocol = protocol;
    queueMicrotask(() => this.onopen?.());
  }

  // The first frame is the hello, which goes with every request. What follows goes in order, one request at a time.
  send(frame) {
    if (this.#hello) {
      this.#waiting.push(frame);
      this.#say();
    } else {
      this.#hello = frame;
      this.#listen();
      this.#probe = setTimeout(() => this.#try(), 15000);
    }
  }

  close() {
    this.#stop.abort();
    clearTimeout(this.#probe);
  }

  async #listen() {
    while (!this.#stop.signal.aborted) {
      const answer = await this.#ask({ told: this.#told });
      if (answer) this.#told = answer.told;
    }
  }

  async #say() {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#waiting.length) await this.#ask({ told: this.#told, up: this.#waiting.splice(0, 16) });
    this.#busy = false;
  }

  async #ask(what) {
    // The server answers within 20 seconds: who gets nothing in twice as many has lost the line.
    const lost = setTimeout(() => this.#end(1006), 40000);
    try {
      const answered = await fetch("/api/messaging/poll", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ hello: this.#hello, ...what }),
        signal: this.#stop.signal,
        cache: "no-store",
      });
      if (!answered.ok) throw answered.status;
      const answer = await answered.json();
      for (const frame of answer.down) this.onmessage?.({ data: JSON.stringify(frame) });
      if (answer.close) this.#end(answer.close);
      return answer;
    } catch {
      this.#end(1006);
    } finally {
      clearTimeout(lost);
    }
  }

  // Once: what comes after it belongs to nobody.
  #end(code) {
    if (this.#stop.signal.aborted) return;
    this.close();
    this.onclose?.({ code });
  }

  // A socket on which a hello is answered is better: 4010 has the widget take one. That it opens says little, for
  // there are proxies that let it open and nothing through.
  #try() {
    const socket = new WebSocket(this.address, this.protocol);
    this.#stop.signal.addEventListener("abort", () => socket.close());
    socket.addEventListener("open", () => socket.send(this.#hello));
    socket.addEventListener("message", () => this.#end(4010));
  }
};
