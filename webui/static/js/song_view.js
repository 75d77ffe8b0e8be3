// What the list of songs shows: search, filters, order and layout, as the page's URL holds them.

/** Fields whose commonest values are listed as filters. */
export const FACETS = ["artist", "album", "genre", "year", "charter", "instrument", "difficulty"];
const TEXTS = ["artist", "album", "genre", "charter"];
export const FILTERS = [...FACETS, "length", "nps", "problem", "has", "duplicates"];
const VIEW = ["search", ...FILTERS, "sort", "order", "layout"];

/** @typedef {Record<string, string>} View Search, filters, sort, order and layout. */

/**
 * The view that an address names; what else it holds is left out.
 * @param {URL | Location} address
 * @returns {View}
 */
export function viewAt({ search }) {
  const given = new URLSearchParams(search);
  const named = [...given].filter(([name]) => VIEW.includes(name));
  const view = { ...defaultView(), ...Object.fromEntries(named) };
  for (const name of ["art", "video", "lyrics"]) {
    const wanted = given.get(`has_${name}`); // addresses of an older version
    if (wanted) view.has = [view.has, wanted === "true" ? name : `-${name}`].filter(Boolean).join(",");
  }
  return view;
}

/** @returns {View} */
export function defaultView() {
  const usual = { sort: "relevance", order: "asc", layout: "grid" };
  try {
    return { ...usual, layout: localStorage.getItem("layout") ?? "grid" };
  } catch {
    return usual; // a private window has no storage
  }
}

/** @param {View} view */
export const isSearch = (view) => Boolean(view.search) || FILTERS.some((name) => view[name]);

/**
 * The view as the API takes it, without its layout. A value in quotes is meant exactly; what is typed without becomes a
 * token of the search, which finds parts.
 * @param {View} view
 * @returns {Record<string, string>}
 */
export function queryOf({ layout, search = "", has = "", length, nps, ...rest }) {
  const tokens = [search];
  for (const name of [...TEXTS, "year"]) {
    const value = rest[name];
    if (!value) continue;
    if (isExact(value)) rest[name] = value.slice(1, -1);
    else {
      delete rest[name];
      tokens.push(name === "year" ? `year:${value.replaceAll(" ", "")}` : `${name}:"${value.replaceAll('"', " ")}"`);
    }
  }
  for (const each of has.split(",").filter(Boolean))
    tokens.push(each.startsWith("-") ? `-has:${each.slice(1)}` : `has:${each}`);
  for (const [name, value] of Object.entries({ length, nps }))
    if (value) tokens.push(`${name}:${value.replaceAll(" ", "")}`);
  return { ...rest, search: tokens.filter(Boolean).join(" ") };
}

/** @param {string} value */
export const isExact = (value) => value.length > 2 && value.startsWith('"') && value.endsWith('"');

/** @param {string} value */
export const exactly = (value) => `"${value}"`;
