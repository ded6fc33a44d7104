// What the tabs of one visitor share: the shelf (a database for each site), a channel, and the lock by which one leads.
// Everything may be refused at any time, and then that is what is told. What is told is a list: a name and a value.

let site, whose, told, opening, made, channel, turn;

// Under these names it shares from here on, and no more under those before.
export function join(itsSite, itsWhose, tells) {
  resign();
  channel?.close();
  site = "causerie:" + itsSite;
  whose = itsWhose + ":";
  told = (...what) => tells(what);
  channel = 0;
  try {
    channel = new BroadcastChannel(site + ":" + whose);
    channel.onmessage = (event) => told("heard", event.data);
  } catch {}
}

export const canShare = () => !!(channel && navigator.locks);

export const tell = (word) => channel && channel.postMessage(word);

// Asks for the lock, once; or takes it away from whoever has it.
export function elect(steal) {
  if (turn && !steal) return;
  resign();
  const mine = (turn = {});
  const lost = () => mine == turn && told(mine.over ? "replaced" : "unshared");
  const held = () =>
    mine.over ||
    new Promise((done) => {
      mine.over = done;
      told("elected");
    });
  try {
    navigator.locks.request(site + ":" + whose, { steal }, held).catch(lost);
  } catch {
    lost();
  }
}

export function resign() {
  const mine = turn || {};
  turn = 0;
  mine.over ? mine.over() : (mine.over = 1);
}

// What one tab does after the other; at once where the browser has no locks (plain http off loopback) or refuses them.
export function inTurn(name, act) {
  try {
    navigator.locks.request(name, act).catch(act);
  } catch {
    act();
  }
}

const open = () =>
  new Promise((done, failed) => {
    const asked = indexedDB.open(site, 1);
    asked.onupgradeneeded = () => (made = asked.result.createObjectStore("kept"));
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    asked.onerror = asked.onblocked = failed;
  });

// What comes of it is the result of what `act` asks for last: for a change, once it is on the disk. A browser may drop
// a database that has been open for long, or in the background: it is opened anew, once.
// One that is empty then was cleared away: what the tabs have in memory is all that is left of it.
async function use(mode, act, durability = "strict", again) {
  const mine = (opening ??= open());
  const found = await mine;
  if (again && made) throw made;
  try {
    return await new Promise((done, failed) => {
      const all = found.transaction("kept", mode, { durability });
      const asked = act(all.objectStore("kept"));
      all.oncomplete = () => done(asked.result);
      all.onabort = failed;
      all.commit?.();
    });
  } catch (fault) {
    if (again) throw fault;
    if (opening == mine) opening = made = found.close();
    return use(mode, act, durability, 1);
  }
}

// Where a build before the database has kept things.
const old = (id) => site + (id ? ":outbox:" + id : ":draft");

// What it has left there, as it is kept now: a message as it is, a draft behind a sign.
function left() {
  const found = [];
  try {
    for (const key of Object.keys(localStorage)) {
      const id = key.slice(old("*").length - 1);
      if (key == old(id)) found.push([id, (id ? "" : "=") + localStorage[key]]);
      if (key == old("")) found.push(["", "=" + localStorage[key]]);
    }
  } catch {}
  return found;
}

function forgetOld(id) {
  try {
    localStorage.removeItem(old(id));
  } catch {}
}

function lost() {
  const found = left();
  if (found[0]) told("looked", found.map((kept) => kept[1]));
  told("lost");
}

// Keeps a text under an id of this visitor's, or forgets it.
export function keep(id, text) {
  const [tells, key] = [told, whose + id];
  if (!text) forgetOld(id);
  if (!id) return keepDraft(key, text);
  use("readwrite", (store) => (text ? store.put(text, key) : store.delete(key))).then(
    () => tells == told && told("shelved", id),
    lost,
  );
}

// The draft comes with each key: one is under way at a time, and then the latest. No message waits for it, and it need
// not outlive a power cut. One that can't be kept is no lost shelf.
const drafts = {};

async function keepDraft(key, text) {
  const goes = key in drafts;
  drafts[key] = text;
  if (goes) return;
  try {
    do {
      text = drafts[key];
      await use("readwrite", (store) => (text ? store.put(text, key) : store.delete(key)), "relaxed");
    } while (text != drafts[key]);
  } catch {}
  delete drafts[key];
}

// Shelves of nobody known begin so.
const nobodys = /^[\da-f]{16}:/;

// What was written before somebody logged in, or under a secret that is no more, goes along: a message behind a sign,
// a draft as it is.
async function carry(to) {
  for (const key of await use("readonly", (store) => store.getAllKeys())) {
    if (!nobodys.test(key) || key.startsWith(to)) continue;
    const id = key.slice(17);
    const text = await use("readonly", (store) => store.get(key));
    await use("readwrite", (store) => {
      if (text) store.put((id && "+") + text, to + id);
      return store.delete(key);
    });
  }
}

// All texts of this visitor. What comes when the page is somebody else's already is not told.
export async function look() {
  const [tells, from] = [told, whose];
  try {
    for (const [id, text] of left()) {
      await use("readwrite", (store) => store.put(text, from + id));
      forgetOld(id);
    }
    await carry(from);
    const found = await use("readonly", (store) => store.getAll(all(from)));
    // Whoever it was may have gone meanwhile.
    if (tells == told) told("looked", found);
  } catch {
    lost();
  }
}

const all = (whose) => IDBKeyRange.bound(whose, whose + "~");

// What lies on this shelf goes; or all of it, whoever's it is.
export function clear(whole) {
  const gone = all(whole ? "" : whose);
  if (opening) use("readwrite", (store) => store.delete(gone)).catch(lost);
}

// The site wants nothing kept: all of it goes, and from here on there is no shelf.
export function burn() {
  opening?.then((found) => found.close());
  opening = Promise.reject();
  opening.catch(lost);
  try {
    indexedDB.deleteDatabase(site);
  } catch {}
}
