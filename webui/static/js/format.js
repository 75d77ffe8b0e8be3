// Numbers as people read them.
const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

export function bytes(count) {
  let step = 0;
  while (count >= 1000 && step < UNITS.length - 1) {
    count /= 1000;
    step += 1;
  }
  return `${step && count < 100 ? count.toFixed(1) : Math.round(count)} ${UNITS[step]}`;
}

/** 215000 -> "3:35" */
export function length(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return minutes < 60
    ? `${minutes}:${rest}`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

export const count = (number) => number.toLocaleString("en");
export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const SPANS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

/** Unix seconds -> "3 days ago" */
export function ago(seconds) {
  if (!seconds) return "";
  const passed = Date.now() / 1000 - seconds;
  for (const [unit, size] of SPANS) if (passed >= size) return RELATIVE.format(-Math.floor(passed / size), unit);
  return "just now";
}

export const moment = (seconds) => new Date(seconds * 1000).toLocaleString();
