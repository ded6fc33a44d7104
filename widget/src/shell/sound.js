// The tone, made by the browser. It fades, so that it doesn't click.

// How loud, of 1; how high, in hertz: an A, above most of a room's own noise; how long, in seconds.
const LOUDNESS = 0.06, PITCH = 880, LENGTH = 0.25;
// For how long one tab has the tone to itself, in milliseconds. The timers of tabs in the background are a second
// apart at most.
const TURN = 2000;

// Made at the first tone, for a browser counts these.
let context;

export function play() {
  try {
    context ??= new AudioContext();
    context.resume().catch(() => {});
    const source = context.createOscillator();
    const volume = context.createGain();
    const now = context.currentTime;
    source.frequency.value = PITCH;
    volume.gain.setValueAtTime(LOUDNESS, now);
    volume.gain.exponentialRampToValueAtTime(LOUDNESS / 100, now + LENGTH);
    source.connect(volume).connect(context.destination);
    source.start();
    source.stop(now + LENGTH);
  } catch {}
}

export function playInOneTab(name) {
  const first = (lock) => lock && (play(), new Promise((done) => setTimeout(done, TURN)));
  try {
    navigator.locks.request(name, { ifAvailable: true }, first).catch(() => {});
  } catch {
    play();
  }
}
