// The form of song.ini: for each field the control that fits its type; keys nobody knows keep a plain one.
import { h, icon } from "./dom.js";
import { length } from "./format.js";

const GROUPS = {
  song: "Song",
  difficulty: "Intensity",
  playback: "Playback",
  chart: "Chart rules",
  other: "Other keys",
};
const HIGHEST = 6;

export class Fields {
  /** `table` describes the standard fields; `onChange()` is called after every change. */
  constructor(place, table, onChange) {
    Object.assign(this, { place, table, onChange, controls: new Map(), added: [] });
  }

  /** Show `metadata` (text by key). */
  fill(metadata) {
    this.metadata = metadata;
    this.controls.clear();
    this.added = [];
    const known = new Set(this.table.flatMap((field) => [field.name, ...field.aliases]));
    const groups = Object.keys(GROUPS).map((group) => {
      const rows =
        group === "other"
          ? Object.keys(metadata)
              .filter((key) => !known.has(key))
              .map((key) => this.#row({ name: key, kind: "text", label: key, key }))
          : this.table
              .filter((field) => field.group === group)
              .map((field) =>
                this.#row({
                  ...field,
                  key: [field.name, ...field.aliases].find((each) => each in metadata) ?? field.name,
                }),
              );
      const [shown, more] = group === "difficulty" ? split(rows) : [rows, []];
      const grid = h("div.form-grid", {}, shown);
      const set = h("fieldset.form-group", {}, h("legend", {}, GROUPS[group]), grid);
      if (group === "chart")
        grid.prepend(
          h(
            "p.notice.warn.wide",
            {},
            "These decide how the notes play. Changing one makes games take it for another song, and players lose their scores: you will be asked first.",
          ),
        );
      if (more.length)
        set.append(h("details.more", {}, h("summary", {}, "Other instruments"), h("div.form-grid", {}, more)));
      if (group === "other")
        set.append(h("button.button", { type: "button", onclick: () => this.#add(grid) }, icon("plus"), "Add a key"));
      return set;
    });
    this.place.replaceChildren(...groups);
  }

  /** What differs from the metadata shown: text by key, null for a key that goes. */
  changes() {
    const changed = {};
    for (const [key, control] of this.controls) {
      const value = control.read();
      const before = this.metadata[key] ?? "";
      if (value !== before) changed[key] = value === "" ? null : value;
    }
    for (const { name, value } of this.added)
      if (name.value.trim() && value.value.trim()) changed[name.value.trim().toLowerCase()] = value.value.trim();
    return changed;
  }

  get(key) {
    return this.controls.get(key)?.read() ?? "";
  }

  set(key, value) {
    this.controls.get(key)?.write(value);
    this.#changed(key);
  }

  /** Mark the fields that the server refused. */
  refuse(message) {
    for (const [key, control] of this.controls)
      if (message.startsWith(`${key}:`)) {
        control.element.querySelector("input")?.setAttribute("aria-invalid", "true");
        control.element.scrollIntoView({ block: "center" });
        control.element.querySelector("input")?.focus();
      }
  }

  #changed(key) {
    const control = this.controls.get(key);
    control.element.classList.toggle("changed", control.read() !== (this.metadata[key] ?? ""));
    control.element.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
    this.onChange();
  }

  #row(field) {
    const written = this.metadata[field.key] ?? "";
    const changed = () => this.#changed(field.key);
    const control =
      field.group === "difficulty"
        ? intensity(field, written, changed)
        : field.kind === "flag"
          ? flag(field, written, changed)
          : field.kind === "number"
            ? number(field, written, changed)
            : line(field, written, changed);
    this.controls.set(field.key, control);
    return control.element;
  }

  #add(grid) {
    const name = h("input", {
      placeholder: "key",
      "aria-label": "Key",
      autocomplete: "off",
      oninput: () => this.onChange(),
    });
    const value = h("input", {
      placeholder: "value",
      "aria-label": "Value",
      autocomplete: "off",
      oninput: () => this.onChange(),
    });
    const entry = { name, value };
    const row = h(
      "div.more-row",
      {},
      name,
      value,
      h(
        "button.button.ghost.icon-only",
        {
          type: "button",
          "aria-label": "Remove",
          onclick: () => {
            row.remove();
            this.added.splice(this.added.indexOf(entry), 1);
            this.onChange();
          },
        },
        icon("close"),
      ),
    );
    this.added.push(entry);
    grid.append(row);
    name.focus();
  }
}

/** Intensities that are given or usual, and the rest, which few songs have. */
function split(rows) {
  const usual = ["Guitar", "Bass", "Drums", "Rhythm guitar", "Keys", "Vocals"];
  const wanted = (row) => usual.includes(row.firstChild.textContent) || row.querySelector(".on");
  return [rows.filter(wanted), rows.filter((row) => !wanted(row))];
}

function line(field, written, changed) {
  const input = h("input", {
    name: field.key,
    value: written,
    autocomplete: "off",
    placeholder: field.default || "",
    oninput: changed,
  });
  const wide = field.name === "loading_phrase" || field.name === "name";
  return {
    element: h(`label.field${wide ? ".wide" : ""}`, {}, h("span", {}, field.label), input),
    read: () => input.value.trim(),
    write: (value) => {
      input.value = value;
    },
  };
}

function number(field, written, changed) {
  const usual = field.default === -1 || field.default === 16000 ? "not set" : String(field.default);
  const hint = h("small", { hidden: field.unit !== "ms" });
  const words = () => {
    hint.textContent = Number(input.value) > 0 ? length(Number(input.value)) : " ";
  };
  const input = h("input", {
    name: field.key,
    value: written,
    inputMode: "numeric",
    autocomplete: "off",
    placeholder: usual,
    oninput: () => {
      words();
      changed();
    },
  });
  words();
  const box = field.unit ? h("span.unit", {}, input, h("i", { "aria-hidden": "true" }, field.unit)) : input;
  const label = field.unit
    ? h("span", {}, field.label, h("span.visually-hidden", {}, `, in ${field.unit}`))
    : h("span", {}, field.label);
  return {
    element: h("label.field", {}, label, box, hint),
    read: () => input.value.trim(),
    write: (value) => {
      input.value = value;
      words();
    },
  };
}

function flag(field, written, changed) {
  const select = h(
    "select",
    { name: field.key, onchange: changed },
    h("option", { value: "" }, `as usual (${field.default ? "yes" : "no"})`),
    h("option", { value: "True" }, "Yes"),
    h("option", { value: "False" }, "No"),
  );
  const yes = { true: "True", 1: "True", false: "False", 0: "False" }[written.toLowerCase()] ?? "";
  select.value = yes;
  return {
    element: h("label.field", {}, h("span", {}, field.label), select),
    read: () => (select.value === yes ? written : select.value),
    write: (value) => {
      select.value = value;
    },
  };
}

/** Seven steps and "no part", as radio buttons: one stop for the Tab key, arrows move. */
function intensity(field, written, changed) {
  let value = written;
  const none = written && Number(written) < 0 ? written : written ? "-1" : "";
  const steps = [none, ...Array.from({ length: HIGHEST + 1 }, (_, step) => String(step))];
  const group = h("div.dots", { role: "radiogroup", "aria-label": field.label });
  const show = () => {
    const chosen = Math.max(0, steps.indexOf(value));
    group.replaceChildren(
      ...steps.map((step, at) =>
        h(
          `button${at === 0 ? ".none" : at <= chosen ? ".on" : ""}`,
          {
            type: "button",
            role: "radio",
            tabIndex: at === chosen ? 0 : -1,
            "aria-checked": at === chosen,
            "aria-label": at === 0 ? `${field.label}: no part` : `${field.label}: ${step}`,
            onclick: () => choose(at),
          },
          at === 0 ? "–" : step,
        ),
      ),
    );
  };
  const choose = (at) => {
    value = steps[at];
    show();
    group.children[at].focus();
    changed();
  };
  group.addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    choose((Math.max(0, steps.indexOf(value)) + move + steps.length) % steps.length);
  });
  show();
  return {
    element: h("div.field", {}, h("span", {}, field.label), group),
    read: () => value,
    write: (next) => {
      value = next;
      show();
    },
  };
}
