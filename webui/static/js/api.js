// Requests to the API: JSON in both directions; an error is a Problem with a message for people.
import { signInAgain } from "./session.js";
import { allSentences, t } from "./translate.js";

export class Problem extends Error {
  /**
   * @param {number} status The HTTP status; 0 if there was no response.
   * @param {{detail?: string, errors?: {field: string, message: string}[]} | null} body Problem details, RFC 9457.
   */
  constructor(status, body) {
    super(
      body?.detail
        ? allSentences(body.detail)
        : t("The server cannot be reached. Check your connection and try again."),
    );
    this.status = status;
    this.errors = body?.errors ?? [];
  }
}

/**
 * The response to a request, which is repeated after a sign-in if the session is over. Throws a Problem.
 * @param {string | URL} url
 * @param {RequestInit} init
 */
export async function call(url, init) {
  for (;;) {
    let response;
    try {
      response = await fetch(url, init);
    } catch {
      throw new Problem(0, null);
    }
    if (response.ok || response.status === 304) return response;
    if (response.status !== 401 || !(await signInAgain()))
      throw new Problem(response.status, await response.json().catch(() => null));
  }
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
  const response = await call(url, { method, body, headers: sent });
  return { response, body: response.status === 304 ? null : await response.json() };
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
 * Sends a form or bytes, again after a sign-in if the session is over.
 * @param {string} path
 * @param {FormData | Blob} body
 * @param {(part: number) => void} [onProgress] Called with 0 to 1.
 * @param {"POST" | "PUT"} [method]
 * @returns {{promise: Promise<any>, abort: () => void}} The promise of the response's JSON; it rejects with a Problem.
 */
export function send(path, body, onProgress = () => {}, method = "POST") {
  const upload = new XMLHttpRequest(); // fetch() reports no progress of uploads
  const promise = (async () => {
    for (;;) {
      try {
        return await sendOnce(upload, method, path, body, onProgress);
      } catch (error) {
        if (!(error instanceof Problem && error.status === 401 && (await signInAgain()))) throw error;
      }
    }
  })();
  return { promise, abort: () => upload.abort() };
}

/**
 * @param {XMLHttpRequest} upload
 * @param {string} method
 * @param {string} path
 * @param {FormData | Blob} body
 * @param {(part: number) => void} onProgress
 * @returns {Promise<any>}
 */
function sendOnce(upload, method, path, body, onProgress) {
  return new Promise((resolve, reject) => {
    upload.open(method, path);
    upload.responseType = "json";
    upload.setRequestHeader("Accept", "application/json");
    upload.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    upload.onload = () =>
      upload.status < 400 ? resolve(upload.response) : reject(new Problem(upload.status, upload.response));
    upload.onerror = () => reject(new Problem(0, { detail: t("The upload was cut. Try it again.") }));
    upload.onabort = () => reject(new Problem(0, { detail: t("Stopped.") }));
    upload.send(body);
  });
}
