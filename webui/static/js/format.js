// Numbers and times as text for people.
const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

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
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
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
 * 1234 -> "1,234"
 * @param {number} number
 */
export const count = (number) => number.toLocaleString("en");

/**
 * 2, "song" -> "2 songs"
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
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
  return "just now";
}

/**
 * Unix seconds -> date and time.
 * @param {number} seconds
 */
export const dateTime = (seconds) => new Date(seconds * 1000).toLocaleString();

/**
 * "about 40 s left" of work that is done to `part`, 0 to 1, after `seconds`; empty while that cannot be said.
 * @param {number} part
 * @param {number} seconds
 */
export function timeLeft(part, seconds) {
  if (part < 0.02 || seconds < 1.5 || part >= 1) return "";
  const left = (seconds / part) * (1 - part);
  if (left < 60) return `about ${Math.max(1, Math.round(left))} s left`;
  return left < 5400 ? `about ${Math.round(left / 60)} min left` : `about ${Math.round(left / 3600)} h left`;
}
