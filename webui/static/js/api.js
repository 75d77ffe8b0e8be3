// Requests to the API: JSON in both directions; an error is a Problem with a message for people.

export class Problem extends Error {
  /**
   * @param {number} status The HTTP status; 0 if there was no response.
   * @param {{detail?: string, errors?: {field: string, message: string}[]} | null} body Problem details, RFC 9457.
   */
  constructor(status, body) {
    super(body?.detail || "The server cannot be reached. Check your connection and try again.");
    this.status = status;
    this.errors = body?.errors ?? [];
  }
}

/**
 * The Problem of an error response. Opens the sign-in page for a 401.
 * @param {Response} response
 */
async function problemOf(response) {
  if (response.status === 401)
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  return new Problem(response.status, await response.json().catch(() => null));
}

/**
 * @typedef {Object} Options
 * @property {Record<string, string | number | boolean | null | undefined>} [query] Empty values are left out.
 * @property {unknown} [json] The body.
 * @property {Record<string, string>} [headers]
 */

/**
 * The response and its JSON, or null for a 304. Throws a Problem.
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<{response: Response, body: any}>}
 */
export async function request(method, path, { query, json, headers } = {}) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== "" && value !== undefined && value !== null) url.searchParams.set(name, String(value));
  const body = json === undefined ? undefined : JSON.stringify(json);
  const sent = new Headers({ Accept: "application/json", ...headers });
  if (body !== undefined) sent.set("Content-Type", "application/json");
  let response;
  try {
    response = await fetch(url, { method, body, headers: sent });
  } catch {
    throw new Problem(0, null);
  }
  if (response.status === 304) return { response, body: null };
  if (!response.ok) throw await problemOf(response);
  return { response, body: await response.json() };
}

/** @param {string} path @param {Options["query"]} [query] */
export const get = async (path, query) => (await request("GET", path, { query })).body;

/** @param {string} path @param {unknown} [json] */
export const post = async (path, json) => (await request("POST", path, { json })).body;

/** @param {string} path @param {Options["query"]} [query] */
export const remove = async (path, query) => (await request("DELETE", path, { query })).body;

/**
 * The URL of the page that shows a folder of the tree.
 * @param {string} path
 */
export const treeAddress = (path) => `/browser${path.split("/").map(encodeURIComponent).join("/")}`;

/**
 * Sends a form. This is an XMLHttpRequest, because fetch() reports no progress of uploads.
 * @param {string} path
 * @param {FormData} form
 * @param {(part: number) => void} [onProgress] Called with 0 to 1.
 * @returns {{promise: Promise<any>, abort: () => void}} The promise of the response's JSON; it rejects with a Problem.
 */
export function send(path, form, onProgress = () => {}) {
  const call = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    call.open("POST", path);
    call.responseType = "json";
    call.setRequestHeader("Accept", "application/json");
    call.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    call.onload = () => (call.status < 400 ? resolve(call.response) : reject(new Problem(call.status, call.response)));
    call.onerror = () => reject(new Problem(0, { detail: "The upload was cut. Try it again." }));
    call.onabort = () => reject(new Problem(0, { detail: "Stopped." }));
    call.send(form);
  });
  return { promise, abort: () => call.abort() };
}
