// Creates and finds elements. Text stays text: nothing here parses HTML.

/**
 * The type of the element that a selector such as "button.primary" or "input[data-file]" creates or finds.
 * @template {string} S
 * @typedef {S extends `${infer Tag}.${string}` ? Tagged<Tag>
 *   : S extends `${infer Tag}[${string}` ? Tagged<Tag>
 *   : Tagged<S>} ElementOf
 */

/**
 * @template {string} Tag
 * @typedef {Tag extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Tag] : HTMLElement} Tagged
 */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * @typedef {{
 *   [name: string]: unknown,
 *   onclick?: (event: MouseEvent) => unknown,
 *   onchange?: (event: Event) => unknown,
 *   oninput?: (event: Event) => unknown,
 *   dataset?: Record<string, string>,
 *   style?: Record<string, string>,
 * }} Properties
 */

/**
 * A new element: h("a.button", {href: "/", onclick: f}, "text", node, …).
 *
 * A property is one of the element where it has such a name, otherwise an attribute; null and false leave it out.
 * @template {string} S
 * @param {S} selector A tag and classes.
 * @param {Properties} [properties]
 * @param {...(Child | Child[])} children
 * @returns {ElementOf<S>}
 */
export function h(selector, properties = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  /** @type {any} */
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("aria-")) element.setAttribute(name, value);
    else if (value === false) continue;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "style")
      for (const [key, setting] of Object.entries(value)) element.style.setProperty(key, setting);
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * A new SVG element.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string | (Node | string)[])} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.flat());
  return element;
}

/**
 * An icon of icons.svg, decorative.
 * @param {string} name
 */
export function icon(name) {
  const use = svg("use", { href: `${document.body.dataset.icons}#${name}` });
  return svg("svg", { class: "icon", focusable: "false", "aria-hidden": "true" }, use);
}

/**
 * The first element that matches. Throws if there is none: a page without it is broken.
 * @template {string} S
 * @param {S} selector
 * @param {ParentNode} [root]
 * @returns {ElementOf<S>}
 */
export function find(selector, root = document) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`${selector} is missing in this page.`);
  return /** @type {any} */ (element);
}

/**
 * All elements that match.
 * @template {string} S
 * @param {S} selector
 * @param {ParentNode} [root]
 * @returns {ElementOf<S>[]}
 */
export const findAll = (selector, root = document) => /** @type {any} */ ([...root.querySelectorAll(selector)]);

/**
 * The control of a form with this name.
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {HTMLInputElement | HTMLSelectElement}
 */
export const control = (form, name) => /** @type {any} */ (find(`[name="${name}"]`, form));

/**
 * A function that calls `action` once, `milliseconds` after its last call.
 * @param {number} milliseconds
 * @param {() => void} action
 */
export function debounce(milliseconds, action) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}
