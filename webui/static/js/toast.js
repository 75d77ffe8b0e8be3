// Short messages in a corner, with a button where there is something to undo.
import { find, findAll, h, icon } from "./dom.js";
import { t } from "./translate.js";

/**
 * @param {string} text
 * @param {{bad?: boolean, action?: string, onAction?: () => unknown, seconds?: number}} [options] `bad` marks an error;
 *   `action` labels a button that calls `onAction`; the message goes after `seconds`.
 */
export function toast(text, { bad = false, action = "", onAction = () => {}, seconds = bad ? 12 : 6 } = {}) {
  for (const same of findAll("div.toast", find("#toasts"))) if (find("p", same).textContent === text) same.remove();
  const element = h("div.toast", {}, h("p", {}, text));
  if (bad) element.classList.add("bad");
  const close = () => element.remove();
  const act = () => {
    close();
    onAction();
  };
  if (action) element.append(h("button.button", { type: "button", onclick: act }, icon("undo"), action));
  element.append(
    h("button.button.ghost.icon-only", { type: "button", "aria-label": t("Dismiss"), onclick: close }, icon("close")),
  );
  find("#toasts").append(element);
  setTimeout(close, seconds * 1000);
}

/**
 * The message of what was thrown.
 * @param {unknown} error
 */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * The message of what was thrown, as a line in place of what it kept from being shown.
 * @param {unknown} error
 */
export const errorLine = (error) => h("p.notice.bad", { role: "alert" }, messageOf(error));

/** @param {unknown} error */
export const showError = (error) => toast(messageOf(error), { bad: true });

/**
 * What `action` returns; undefined if it fails, and the error is shown.
 * @template T
 * @param {() => T} action
 * @returns {Promise<Awaited<T> | undefined>}
 */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    showError(error);
    return undefined;
  }
}
