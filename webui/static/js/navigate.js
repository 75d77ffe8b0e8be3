// Changes pages without a new document, so that uploads go on and music plays. A page takes part if its script says
// data-turns; any other one is loaded by the browser, and so is everything that goes wrong.
import { find, findAll } from "./dom.js";
import { isSamePage, turnPage } from "./page.js";
import { language } from "./translate.js";

let visits = 0; // each visit runs the page's script once more, which the number in its URL makes another module
let shownUrl = location.href; // of the page that is shown, with what it wrote into its address

/** @type {Set<() => void>} */
const turned = new Set();

/**
 * Calls `listener` after each change of the page.
 * @param {() => void} listener
 */
export const onTurn = (listener) => turned.add(listener);

export function startNavigation() {
  if (!document.querySelector("script[data-turns]")) return;
  document.addEventListener("click", onClick);
  window.addEventListener("popstate", () => visit(location.href, "back"));
}

/** @param {MouseEvent} event */
function onClick(event) {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname.startsWith("/api/") || (link.pathname === location.pathname && link.hash)) return;
  event.preventDefault();
  visit(link.href, "link");
}

/** The visit that is under way: one begins after the other. */
let turning = Promise.resolve();

/**
 * Goes to another page of this site.
 * @param {string} url
 * @param {"link" | "back"} how
 */
export function visit(url, how = "link") {
  const absolute = new URL(url, location.origin).href;
  turning = turning.then(() => turn(absolute, how)).catch(() => location.assign(url));
  return turning;
}

/**
 * @param {string} url
 * @param {"link" | "back"} how
 */
async function turn(url, how) {
  if (how === "back" && isSamePage(url, shownUrl)) {
    shownUrl = url;
    return;
  }
  const question = new Event("beforeturn", { cancelable: true });
  if (!window.dispatchEvent(question)) {
    if (how === "back") history.pushState(null, "", shownUrl);
    location.assign(url); // the browser asks about what would be lost
    return;
  }
  const next = await documentAt(url);
  const script = next?.querySelector("script[data-turns]");
  if (!next || !script) {
    location.assign(url);
    return;
  }
  await addSheets(next);
  window.dispatchEvent(new Event("pageturn"));
  turnPage(how, url);
  if (how === "link") history.pushState(null, "", url);
  shownUrl = url;
  document.title = next.title;
  find("main").replaceWith(document.adoptNode(find("main", next)));
  for (const link of findAll("nav[data-pages] a"))
    if (link instanceof HTMLAnchorElement && isCurrent(next, link.pathname)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  if (how === "link") scrollTo({ top: 0 });
  visits += 1;
  await import(`${script.getAttribute("src")}?visit=${visits}`);
  find("main").focus({ preventScroll: true });
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
  for (const listener of turned) listener();
}

/**
 * @param {Document} next
 * @param {string} path
 */
const isCurrent = (next, path) => Boolean(next.querySelector(`nav a[href="${path}"][aria-current]`));

/**
 * The document at a URL; null if it is no page of the version and language that are shown.
 * @param {string} url
 */
async function documentAt(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return null;
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    const isAlike = next.body.dataset.icons === document.body.dataset.icons && next.documentElement.lang === language;
    return isAlike ? next : null;
  } catch {
    return null;
  }
}

/**
 * Adds the style sheets that are missing, and waits for them.
 * @param {Document} next
 */
async function addSheets(next) {
  const there = new Set(findAll("link[rel=stylesheet]", document.head).map((link) => link.getAttribute("href")));
  const missing = findAll("link[rel=stylesheet]", next.head).filter((link) => !there.has(link.getAttribute("href")));
  await Promise.all(
    missing.map(
      (link) =>
        new Promise((resolve) => {
          const sheet = document.createElement("link");
          sheet.rel = "stylesheet";
          sheet.href = link.getAttribute("href") ?? "";
          sheet.addEventListener("load", resolve);
          sheet.addEventListener("error", resolve);
          document.head.append(sheet);
        }),
    ),
  );
}
