// Modal dialogs. Each returns a promise; Escape closes a dialog, which then returns null.
import { h } from "./dom.js";
import { t } from "./translate.js";

let opened = 0; // dialogs so far, so that each has an id of its own

/** @typedef {{label: string, value: string | null, kind?: string, disabled?: boolean}} Choice */

/** @type {Choice} */
export const CANCEL = { label: t("Cancel"), value: null };

/**
 * Shows `content` in a form. Returns the value of the button that was pressed, or null.
 * @param {string} title
 * @param {Node[]} content
 * @param {Choice[]} choices The buttons.
 * @param {{large?: boolean}} [options]
 * @returns {Promise<string | null>}
 */
export function ask(title, content, choices, { large = false } = {}) {
  return new Promise((resolve) => {
    opened += 1;
    const id = `dialog-${opened}`;
    const dialog = h("dialog", { "aria-labelledby": id });
    if (large) dialog.classList.add("large");
    const buttons = choices.map(({ label, value, kind = "", disabled = false }) => {
      const button = h("button.button", { type: "submit", disabled, value: value ?? "" }, label);
      if (kind) button.classList.add(kind);
      if (value === null) {
        button.type = "button";
        button.addEventListener("click", () => dialog.close());
      }
      return button;
    });
    const heading = h("h2", { id }, title);
    const form = h("form", { method: "dialog" }, heading, content, h("div.actions.end", {}, buttons));
    form.addEventListener("submit", (event) => {
      dialog.returnValue = event.submitter instanceof HTMLButtonElement ? event.submitter.value : "";
    });
    dialog.append(form);
    document.body.append(dialog);
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
    dialog.showModal();
    const first = form.querySelector("[autofocus], input, select");
    if (first instanceof HTMLElement) first.focus();
    if (first instanceof HTMLInputElement) first.select();
  });
}

/**
 * Asks yes or no.
 * @param {string} title
 * @param {string} text
 * @param {string} label The button for yes.
 */
export async function confirm(title, text, label, kind = "danger") {
  return (await ask(title, [h("p", {}, text)], [CANCEL, { label, value: "yes", kind }])) === "yes";
}

/**
 * Asks for one line of text. Returns null if it stays empty.
 * @param {string} title
 * @param {string} label
 */
export async function prompt(title, label, value = "", button = t("Save")) {
  const input = h("input", { name: "value", value, autocomplete: "off", required: true });
  const field = h("label.field", {}, h("span", {}, label), input);
  const pressed = await ask(title, [field], [CANCEL, { label: button, value: "yes", kind: "primary" }]);
  return pressed ? input.value.trim() || null : null;
}

/**
 * Shows a progress bar with a count, and Cancel. `at(step)` sets it and returns whether to go on; `close()` ends it.
 * @param {string} title
 * @param {number} steps
 */
export function progressDialog(title, steps) {
  let goOn = true;
  const bar = h("progress", { max: steps, value: 0, "aria-label": t("Progress") });
  const note = h("p.muted", {}, t("{part} of {whole}", { part: 0, whole: steps }));
  const dialog = h("dialog", { "aria-label": title });
  const cancel = h("button.button", { type: "button", onclick: () => dialog.close() }, CANCEL.label);
  dialog.append(h("div.dialog-body", {}, h("h2", {}, title), bar, note, h("div.actions.end", {}, cancel)));
  dialog.addEventListener("close", () => {
    goOn = false;
  });
  document.body.append(dialog);
  dialog.showModal();
  return {
    /** @param {number} step */
    at: (step) => {
      bar.value = step;
      note.textContent = t("{part} of {whole}", { part: Math.min(step, steps), whole: steps });
      return goOn;
    },
    close: () => dialog.remove(),
  };
}
