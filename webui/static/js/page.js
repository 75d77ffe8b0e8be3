// The page that is shown. Where it is changed without loading a new document, what it started ends with `signal`.
let controller = new AbortController();

/** How the page was reached: "load" by the browser, "link" or "back" without a new document. */
let arrival = "load";

/** Where the page that is shown was reached. Going back changes `location` before the page changes. */
let address = new URL(location.href);

/** @returns {AbortSignal} Aborted when the page is left. A page's script reads it once, at its beginning. */
export const pageSignal = () => controller.signal;

export const arrivedBy = () => arrival;

export const pageAddress = () => address;

/**
 * Ends the page that is shown.
 * @param {string} next How the next one is reached.
 * @param {string} url Where the next one is.
 */
export function turnPage(next, url) {
  controller.abort();
  controller = new AbortController();
  arrival = next;
  address = new URL(url);
}

/**
 * Whether two URLs are of one page, which follows the history by itself: folders of the tree, views of a list of songs.
 * The pages of two artists are two.
 * @param {string} one
 * @param {string} other
 */
export function isSamePage(one, other) {
  const [first, second] = [new URL(one), new URL(other)];
  if (first.pathname !== second.pathname)
    return first.pathname.startsWith("/browser") && second.pathname.startsWith("/browser");
  return first.searchParams.get("name") === second.searchParams.get("name");
}

/** The address of the list of songs as it was left. */
export function listAddress() {
  const left = JSON.parse(sessionStorage.getItem("left") ?? "{}");
  return left.address ?? "/songs";
}

/** @typedef {{query: Record<string, string>, at: number}} OpenedList A list of songs as the API takes it, and a place in it. */

/**
 * Remembers the list that a song is opened from, so that its page leads to the songs beside it.
 * @param {OpenedList} list
 */
export const rememberList = (list) => sessionStorage.setItem("list", JSON.stringify(list));

/** @returns {OpenedList | null} The list that a song was opened from last. */
export const openedList = () => JSON.parse(sessionStorage.getItem("list") ?? "null");
