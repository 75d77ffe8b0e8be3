// The texts of the page's scripts in the language of the document. The key of a text is the English text, so English
// needs no translations; those of another language are a script that base.html puts before the others.

/** @type {Record<string, string | string[]>} Where a text counts something, all its forms. */
const translations = /** @type {any} */ (globalThis).translations ?? {};

/** @type {string[]} The English sentences whose values the server fills in. */
const sentences = /** @type {any} */ (globalThis).sentences ?? [];

/** Of the document, such as "de". */
export const language = document.documentElement.lang;

/** The browser's variant of that language, such as "de-AT", which numbers and dates are written in. */
export const locale = navigator.languages.find((each) => each.split("-")[0] === language) ?? language;

const numbers = new Intl.NumberFormat(locale);
const plurals = new Intl.PluralRules(language);
/** The categories of the language, in the order in which gettext has the forms. */
const categories = ["zero", "one", "two", "few", "many", "other"].filter((each) =>
  /** @type {string[]} */ (plurals.resolvedOptions().pluralCategories).includes(each),
);

/** @typedef {Record<string, string | number | null | undefined>} Values What stands for {name} in a text. */

/**
 * t("Theme: light"): the text in the language of the page.
 * @param {string} text A literal, so that it is found for the translators.
 * @param {Values} [values]
 */
export function t(text, values = {}) {
  const translated = Object.hasOwn(translations, text) ? translations[text] : text;
  return fill(typeof translated === "string" ? translated : translated[0], values);
}

/**
 * tn("{count} song", "{count} songs", 2): the text for that number of things, which is {count}.
 * @param {string} one A literal, as `many`.
 * @param {string} many
 * @param {number} number
 * @param {Values} [values]
 */
export function tn(one, many, number, values = {}) {
  const forms = translations[one];
  const at = Math.min(categories.indexOf(plurals.select(number)), (forms?.length ?? 1) - 1);
  const text = Array.isArray(forms) ? forms[at] : number === 1 ? one : many;
  return fill(text, { count: number, ...values });
}

/**
 * A text of the API, such as the name of a field, in the language of the page where it is known.
 * @param {string} text
 */
export const translated = (text) => t(text);

/**
 * The sentences with values, as patterns. Those that say more are first: “Its {label}.” matches longer ones too.
 * @type {{pattern: RegExp, names: string[], text: string}[] | undefined}
 */
let patterns;
/** @type {Map<string, string> | undefined} The texts by their English in lower case. */
let words;

/**
 * A sentence of the API whose values are filled in already, such as that of a problem; in English where it is unknown.
 * @param {string} english
 * @returns {string}
 */
export function sentence(english) {
  if (Object.hasOwn(translations, english)) return t(english);
  patterns ??= sentences
    .toSorted((one, other) => ownLength(other) - ownLength(one))
    .map((text) => ({
      text,
      names: [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      pattern: matching(text),
    }));
  words ??= new Map(Object.keys(translations).map((text) => [text.toLowerCase(), t(text)]));
  for (const { pattern, names, text } of patterns) {
    const found = pattern.exec(english)?.slice(1);
    const value = (/** @type {string} */ name, /** @type {number} */ at) => {
      const said = found?.[at] ?? "";
      if (text.includes(`“{${name}}”`)) return said; // what is quoted is a name
      return said.endsWith(".") ? sentence(said) : (words?.get(said) ?? said);
    };
    if (found) return t(text, Object.fromEntries(names.map((name, at) => [name, value(name, at)])));
  }
  return english;
}

/**
 * Sentences of the API, such as those of an error: each is known, or all as a whole.
 * @param {string} english
 */
export function allSentences(english) {
  const parts = english.split(/(?<=[.!?]) (?=[\p{Lu}\d“])/u);
  const known = parts.map(sentence);
  const whole = known.some((text, at) => text === parts[at]) ? sentence(english) : english;
  return whole === english ? known.join(" ") : whole;
}

/** The length of a text without its values. @param {string} text */
const ownLength = (text) => text.replace(/\{\w+\}/g, "").length;

/** @param {string} text */
const matching = (text) => new RegExp(`^${text.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "(.*?)")}$`);

/**
 * @param {string} text
 * @param {Values} values
 */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = (Object.hasOwn(values, name) ? values[name] : null) ?? whole;
    return typeof value === "number" ? numbers.format(value) : value;
  });
}
