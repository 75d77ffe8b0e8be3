// The sign-in over the page: whoever lost the session signs in again here, and nothing typed or sent is lost.
import { ask, CANCEL } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./translate.js";

/** The sign-in that is open. @type {Promise<boolean> | null} */
let open = null;
/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * Asks for name and password until they are right. Several requests that need it share one dialog.
 * @returns {Promise<boolean>} False if the person closes the dialog.
 */
export function signInAgain() {
  open ??= askUntilRight().finally(() => {
    open = null;
  });
  return open;
}

/**
 * Calls `listener` after each sign-in over the page.
 * @param {() => void} listener
 */
export const onSignIn = (listener) => listeners.add(listener);

async function askUntilRight() {
  let name = document.body.dataset.user ?? "";
  let wrong = "";
  for (;;) {
    const user = h("input", { name: "username", value: name, autocomplete: "username", required: true });
    const password = h("input", { name: "password", type: "password", autocomplete: "current-password" });
    const content = [
      h("p.muted", {}, t("Your session is over. What you typed is still here; after this it goes on.")),
      wrong ? h("p.notice.bad", { role: "alert" }, wrong) : null,
      h("label.field", {}, h("span", {}, t("User name")), user),
      h("label.field", {}, h("span", {}, t("Password")), password),
    ];
    const yes = { label: t("Sign in"), value: "yes", kind: "primary" };
    const shown = ask(
      t("Sign in again"),
      content.filter((each) => each !== null),
      [CANCEL, yes],
    );
    if (name) password.focus();
    if (!(await shown)) return false;
    name = user.value;
    wrong = await signIn(name, password.value);
    if (!wrong) {
      for (const listener of listeners) listener();
      return true;
    }
  }
}

/**
 * Starts a session. Returns what is wrong; empty if nothing is.
 * @param {string} username
 * @param {string} password
 */
async function signIn(username, password) {
  try {
    const body = new URLSearchParams({ username, password });
    const response = await fetch("/sign-in", { method: "POST", body, redirect: "manual" });
    if (response.type === "opaqueredirect") return "";
    return response.status === 429
      ? t("There were too many attempts. Wait a minute and try again.")
      : t("That name and password do not fit. Check both and try again.");
  } catch {
    return t("The server cannot be reached. Try again in a moment.");
  }
}
