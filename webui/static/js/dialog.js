// Questions. Each answers a promise; Escape answers null. The focus returns to where it was.
import { h } from "./dom.js";

/** Shows `content` (nodes) in a form. Answers the value of the button pressed, or null. */
export function ask(title, content, buttons, { large = false } = {}) {
  return new Promise((resolve) => {
    const heading = h("h2", { id: "dialog-title" }, title);
    const dialog = h("dialog", { "aria-labelledby": "dialog-title" });
    if (large) dialog.classList.add("large");
    const foot = h(
      "div.actions.end",
      {},
      buttons.map(({ label, value, kind = "", disabled = false }) =>
        h(
          `button.button${kind ? `.${kind}` : ""}`,
          {
            type: value === null ? "button" : "submit",
            disabled,
            value: value ?? "",
            onclick: value === null ? () => dialog.close() : undefined,
          },
          label,
        ),
      ),
    );
    const form = h("form", { method: "dialog" }, heading, content, foot);
    form.addEventListener("submit", (event) => {
      dialog.returnValue = event.submitter?.value ?? "";
    });
    dialog.append(form);
    document.body.append(dialog);
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
    dialog.showModal();
    const first = dialog.querySelector("[autofocus], input, select");
    if (first) {
      first.focus();
      first.select?.();
    }
  });
}

export async function confirm(title, text, label, kind = "danger") {
  return (
    (await ask(
      title,
      [h("p", {}, text)],
      [
        { label: "Cancel", value: null },
        { label, value: "yes", kind },
      ],
    )) === "yes"
  );
}

/** Shows that something is being done, in `steps`; `at(step)` tells how far it is, `close()` ends it. */
export function working(title, steps) {
  const bar = h("progress", { max: steps, value: 0, "aria-label": "Progress" });
  const dialog = h("dialog", { "aria-label": title }, h("h2", {}, title), bar);
  document.body.append(dialog);
  dialog.showModal();
  return {
    at: (step) => {
      bar.value = step;
    },
    close: () => dialog.remove(),
  };
}

/** Asks for one line of text. */
export async function prompt(title, label, value = "", button = "Save") {
  const input = h("input", { name: "value", value, autocomplete: "off", required: true });
  const answer = await ask(
    title,
    [h("label.field", {}, h("span", {}, label), input)],
    [
      { label: "Cancel", value: null },
      { label: button, value: "yes", kind: "primary" },
    ],
  );
  return answer ? input.value.trim() || null : null;
}
