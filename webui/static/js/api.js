// The one way to the server: JSON in and out; an error becomes a Problem with words for people.

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || "The server cannot be reached. Check your connection and try again.");
    this.status = status;
    this.errors = body?.errors ?? [];
  }
}

async function problem(response) {
  if (response.status === 401)
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  return new Problem(response.status, await response.json().catch(() => null));
}

export async function request(method, path, { query, json, headers, signal } = {}) {
  const address = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== "" && value !== undefined && value !== null) address.searchParams.set(name, value);
  const options = { method, headers: { Accept: "application/json", ...headers }, signal };
  if (json !== undefined) {
    options.body = JSON.stringify(json);
    options.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, null);
  }
  if (response.status === 304) return { response, body: null };
  if (!response.ok) throw await problem(response);
  return { response, body: await response.json() };
}

export const get = async (path, query, options) => (await request("GET", path, { query, ...options })).body;
export const post = async (path, json, options) => (await request("POST", path, { json, ...options })).body;
export const put = async (path, json, options) => (await request("PUT", path, { json, ...options })).body;
export const remove = async (path, query) => (await request("DELETE", path, { query })).body;

/** The page that shows a folder of the tree. */
export const treeAddress = (path) => `/browser${path.split("/").map(encodeURIComponent).join("/")}`;

/**
 * Send files and fields as a form, with progress from 0 to 1. Answers {promise, abort}.
 * fetch() reports no progress of uploads, so this is an XMLHttpRequest.
 */
export function send(path, form, onProgress = () => {}, method = "POST") {
  const call = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    call.open(method, path);
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
