// The page that is shown. Where it is changed without loading a new document, what it started ends with `signal`.
let controller = new AbortController();

/** How the page was reached: "load" by the browser, "link" or "back" without a new document. */
let arrival = "load";

/** @returns {AbortSignal} Aborted when the page is left. A page's script reads it once, at its beginning. */
export const pageSignal = () => controller.signal;

export const arrivedBy = () => arrival;

/**
 * Ends the page that is shown.
 * @param {string} next How the next one is reached.
 */
export function turnPage(next) {
  controller.abort();
  controller = new AbortController();
  arrival = next;
}

/** The address of the list of songs as it was left. */
export function listAddress() {
  const { address = "/songs" } = JSON.parse(sessionStorage.getItem("left") ?? "{}");
  return address;
}
