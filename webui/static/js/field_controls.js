// Controls of the song.ini form: text, numbers, yes or no, intensities.
import { h } from "./dom.js";
import { duration } from "./format.js";
import { t, translated } from "./translate.js";

/**
 * @typedef {Object} Control
 * @property {HTMLElement} element
 * @property {() => string} read The value as song.ini has it; empty if it is to be removed.
 * @property {(value: string) => void} write
 */

/** @typedef {Pick<Api.Field, "name" | "label"> & Partial<Api.Field> & {key: string}} Field `key` is as in song.ini. */

const HIGHEST_INTENSITY = 6;
const UNSET = [-1, 16000]; // defaults that stand for "not set"

/**
 * The control that fits the type of `field`.
 * @param {Field} field
 * @param {string} value
 * @param {() => void} onChange
 * @returns {Control}
 */
export function controlOf(field, value, onChange) {
  if (field.group === "difficulty") return intensityControl(field, value, onChange);
  if (field.kind === "flag") return flagControl(field, value, onChange);
  if (field.kind === "number") return numberControl(field, value, onChange);
  return textControl(field, value, onChange);
}

/** @param {Field} field @param {string} value @param {() => void} onChange @returns {Control} */
function textControl(field, value, onChange) {
  const placeholder = field.default || "";
  const input = h("input", { name: field.key, value, autocomplete: "off", placeholder, oninput: onChange });
  const element = h("label.field", {}, h("span", {}, translated(field.label)), input);
  if (field.name === "loading_phrase" || field.name === "name") element.classList.add("wide");
  return {
    element,
    read: () => input.value.trim(),
    write: (text) => {
      input.value = text;
    },
  };
}

/** @param {Field} field @param {string} value @param {() => void} onChange @returns {Control} */
function numberControl(field, value, onChange) {
  const placeholder = UNSET.includes(Number(field.default)) ? t("not set") : String(field.default);
  const hint = h("small", { hidden: field.unit !== "ms" });
  const showHint = () => {
    hint.textContent = Number(input.value) > 0 ? duration(Number(input.value)) : " ";
  };
  const oninput = () => {
    showHint();
    onChange();
  };
  const input = h("input", { name: field.key, value, inputMode: "numeric", autocomplete: "off", placeholder, oninput });
  showHint();
  const label = h("span", {}, translated(field.label));
  if (field.unit) label.append(h("span.visually-hidden", {}, `, ${t("in {unit}", { unit: field.unit })}`));
  const box = field.unit ? h("span.unit", {}, input, h("i", { "aria-hidden": "true" }, field.unit)) : input;
  return {
    element: h("label.field", {}, label, box, hint),
    read: () => input.value.trim(),
    write: (text) => {
      input.value = text;
      showHint();
    },
  };
}

/** @param {Field} field @param {string} value @param {() => void} onChange @returns {Control} */
function flagControl(field, value, onChange) {
  const select = h(
    "select",
    { name: field.key, onchange: onChange },
    h("option", { value: "" }, field.default ? t("as usual (yes)") : t("as usual (no)")),
    h("option", { value: "True" }, t("Yes")),
    h("option", { value: "False" }, t("No")),
  );
  const known = new Map([
    ["true", "True"],
    ["1", "True"],
    ["false", "False"],
    ["0", "False"],
  ]);
  const chosen = known.get(value.toLowerCase()) ?? "";
  select.value = chosen;
  return {
    element: h("label.field", {}, h("span", {}, translated(field.label)), select),
    read: () => (select.value === chosen ? value : select.value),
    write: (text) => {
      select.value = text;
    },
  };
}

/**
 * "No part" and the intensities 0 to 6, as radio buttons: one stop for the Tab key, and arrows move.
 * @param {Field} field @param {string} value @param {() => void} onChange @returns {Control}
 */
function intensityControl(field, value, onChange) {
  let current = value;
  const none = value && Number(value) < 0 ? value : value ? "-1" : "";
  const steps = [none, ...Array.from({ length: HIGHEST_INTENSITY + 1 }, (_, step) => String(step))];
  const group = h("div.dots", {
    role: "radiogroup",
    "aria-label": translated(field.label),
    dataset: { name: field.key },
  });
  const show = () => {
    const chosen = Math.max(0, steps.indexOf(current));
    const buttons = steps.map((step, at) =>
      h(
        `button${at === 0 ? ".none" : at <= chosen ? ".on" : ""}`,
        {
          type: "button",
          role: "radio",
          tabIndex: at === chosen ? 0 : -1,
          "aria-checked": at === chosen,
          "aria-label":
            at === 0
              ? t("{label}: no part", { label: translated(field.label) })
              : `${translated(field.label)}: ${step}`,
          onclick: () => choose(at),
        },
        at === 0 ? "–" : step,
      ),
    );
    group.replaceChildren(...buttons);
    return buttons;
  };
  /** @param {number} at */
  const choose = (at) => {
    current = steps[at];
    show()[at].focus();
    onChange();
  };
  group.addEventListener("keydown", (event) => {
    const forward = event.key === "ArrowRight" || event.key === "ArrowUp";
    if (!forward && event.key !== "ArrowLeft" && event.key !== "ArrowDown") return;
    event.preventDefault();
    choose((Math.max(0, steps.indexOf(current)) + (forward ? 1 : -1) + steps.length) % steps.length);
  });
  show();
  return {
    element: h("div.field", {}, h("span", {}, translated(field.label)), group),
    read: () => current,
    write: (text) => {
      current = text;
      show();
    },
  };
}
