// Numbers and times as text for people, in their language.
import { locale, t } from "./translate.js";

const UNITS = [t("bytes"), "KB", "MB", "GB", "TB"];
const WHOLE = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/**
 * 1500000 -> "1.5 MB"
 * @param {number} size
 */
export function bytes(size) {
  let [value, unit] = [size, 0];
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${(unit && value < 100 ? TENTHS : WHOLE).format(value)} ${UNITS[unit]}`;
}

/**
 * 215000 -> "3:35"
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return minutes < 60
    ? `${minutes}:${rest}`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/**
 * 7.25 -> "7.3"
 * @param {number} number
 */
export const tenths = (number) => TENTHS.format(number);

/**
 * 1234 -> "1,234"
 * @param {number} number
 */
export const count = (number) => number.toLocaleString(locale);

const RELATIVE = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const SPANS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/**
 * Unix seconds -> "3 days ago"; empty for 0.
 * @param {number} seconds
 */
export function ago(seconds) {
  if (!seconds) return "";
  const passed = Date.now() / 1000 - seconds;
  for (const [unit, size] of SPANS) if (passed >= size) return RELATIVE.format(-Math.floor(passed / size), unit);
  return t("just now");
}

/**
 * Unix seconds -> date and time.
 * @param {number} seconds
 */
export const dateTime = (seconds) => new Date(seconds * 1000).toLocaleString(locale);

/**
 * A time of the API, "2024-05-31 18:00:00" -> date.
 * @param {string} time In UTC.
 */
export const date = (time) =>
  time && new Date(`${time.replace(" ", "T")}Z`).toLocaleDateString(locale, { dateStyle: "medium" });

/**
 * "about 40 s left" of work that is done to `part`, 0 to 1, after `seconds`; empty while that cannot be said.
 * @param {number} part
 * @param {number} seconds
 */
export function timeLeft(part, seconds) {
  if (part < 0.02 || seconds < 1.5 || part >= 1) return "";
  const left = (seconds / part) * (1 - part);
  if (left < 60) return t("about {count} s left", { count: Math.max(1, Math.round(left)) });
  if (left < 5400) return t("about {count} min left", { count: Math.round(left / 60) });
  return t("about {count} h left", { count: Math.round(left / 3600) });
}
