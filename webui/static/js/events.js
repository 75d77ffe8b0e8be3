// The stream of events that keeps an open page up to date, and the strip that says when something is away.
import { get, Problem } from "./api.js";
import { h } from "./dom.js";
import { onSignIn } from "./session.js";
import { t } from "./translate.js";

const PATIENCE = 1500; // milliseconds without the server before the page says so

/**
 * @typedef {Object} Library What the library is like now.
 * @property {number} songs
 * @property {number} refused
 * @property {number} unread Songs whose notes have not been read yet.
 * @property {number} expected How many songs there will be after the sync that runs; 0 while none runs.
 * @property {boolean} complete
 * @property {string} state
 * @property {string} message
 */

/** @type {Record<string, Set<(data: any) => void>>} */
const listeners = { job: new Set(), library: new Set(), reload: new Set() };
/** @type {EventSource | null} */
let source = null;
let timer = 0;
let hasBegun = false;

/**
 * Calls `listener` with the data of each event of that name. `reload` comes first, and after events were missed.
 * @param {"job" | "library" | "reload"} name
 * @param {(data: any) => void} listener
 * @param {AbortSignal} [signal] Ends this.
 */
export function on(name, listener, signal) {
  if (signal?.aborted) return;
  listeners[name]?.add(listener);
  signal?.addEventListener("abort", () => listeners[name]?.delete(listener));
  if (!source) connect();
}

/**
 * Calls `load` as soon as the stream has begun, and after events were missed: what it reads stays true by events. A
 * stream that does not begin, as behind some proxies, is not waited for.
 * @param {() => unknown} load
 * @param {AbortSignal} [signal] Ends this.
 */
export function whenLive(load, signal) {
  let isLoaded = false;
  const loadNow = () => {
    isLoaded = true;
    load();
  };
  on("reload", loadNow, signal);
  if (hasBegun) loadNow();
  else setTimeout(() => isLoaded || signal?.aborted || loadNow(), PATIENCE);
}

function connect() {
  source = new EventSource("/api/events");
  source.addEventListener("open", () => {
    clearTimeout(timer);
    timer = 0;
    strip("server", "");
  });
  source.addEventListener("error", () => {
    if (!timer) timer = setTimeout(showAway, PATIENCE);
    if (source?.readyState === EventSource.CLOSED) setTimeout(connectAgain, PATIENCE); // refused: the browser gave up
  });
  for (const name of Object.keys(listeners))
    source.addEventListener(name, (event) => emit(name, JSON.parse(/** @type {MessageEvent} */ (event).data)));
}

/** Connects after a refusal: asks for a sign-in if the session is over, and tries again later if it is anything else. */
async function connectAgain() {
  try {
    await get("/api/health");
    connect();
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) setTimeout(connectAgain, PATIENCE);
    else strip("server", t("You are signed out. What you typed is kept; the next thing you do asks for the password."));
  }
}

onSignIn(() => source?.readyState === EventSource.CLOSED && connect());

function showAway() {
  strip("server", t("davproxy does not answer. What you see is what was known last; nothing you typed is lost."));
}

/**
 * @param {string} name
 * @param {unknown} data
 */
function emit(name, data) {
  hasBegun = true;
  for (const listener of listeners[name] ?? []) listener(data);
}

/** The messages of the strip, by what is away. @type {Map<string, string>} */
const messages = new Map();

/**
 * Shows `message` in the strip above the page; an empty one takes it away.
 * @param {string} who
 * @param {string} message
 */
function strip(who, message) {
  if (message) messages.set(who, message);
  else messages.delete(who);
  const text = [...messages.values()][0] ?? "";
  let element = document.querySelector(".strip");
  if (!element && text) {
    element = h("p.strip", { role: "status" });
    document.body.append(element);
  }
  if (element) {
    element.textContent = text;
    /** @type {HTMLElement} */ (element).hidden = !text;
  }
}

/** Shows on this page when the remote is away. */
export function watchConnection() {
  on("library", ({ state, message }) => strip("remote", state === "unreachable" ? message : ""));
}
