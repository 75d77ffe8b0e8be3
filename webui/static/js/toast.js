// Short messages at the corner; one that can be undone carries the button for it.
import { find, h, icon } from "./dom.js";

export function toast(text, { bad = false, action, onAction, seconds = bad ? 12 : 6 } = {}) {
  const element = h("div.toast", {}, h("p", {}, text));
  if (bad) element.classList.add("bad");
  const close = () => element.remove();
  if (action)
    element.append(
      h(
        "button.button",
        {
          type: "button",
          onclick: () => {
            close();
            onAction();
          },
        },
        icon("undo"),
        action,
      ),
    );
  element.append(
    h("button.button.ghost.icon-only", { type: "button", "aria-label": "Dismiss", onclick: close }, icon("close")),
  );
  find("#toasts").append(element);
  setTimeout(close, seconds * 1000);
}

/** Runs `action`; what goes wrong is shown, and undefined comes back. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    if (error.name !== "AbortError") toast(error.message, { bad: true });
    return undefined;
  }
}
