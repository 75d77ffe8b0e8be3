// The page of the API: a search of the operations, and each one as a curl command and to try.
import { call, get, Problem } from "./api.js";
import { control, findAll, find as findIn, h } from "./dom.js";
import { bytes } from "./format.js";
import { pageSignal } from "./page.js";
import { shell } from "./shell.js";
import { attempt, toast } from "./toast.js";

/** @typedef {{name: string, in: string, required?: boolean, schema?: Schema}} Parameter */
/** @typedef {{[name: string]: any}} Schema A part of the OpenAPI document. */
/** @typedef {{method: string, path: string, parameters: Parameter[], type: string, body: string}} Operation */

const SHOWN = 20_000; // characters of a response
const signal = pageSignal();
const main = findIn("main");
/** @type {typeof findIn} */
const find = (selector, root = main) => findIn(selector, root); // also once the page is left
/** @type {Schema} */
let spec = {};

/** Shows the operations that have all words of the search. */
function search() {
  const words = find("input[data-search]").value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const article of findAll("article[data-method]", main)) {
    const text = article.dataset.text ?? "";
    article.hidden = !words.every((word) => text.includes(word));
    const link = find(`a[href="#${article.id}"]`);
    if (link.parentElement) link.parentElement.hidden = article.hidden;
    if (!article.hidden) shown += 1;
  }
  for (const group of findAll("[data-operations]", main)) {
    group.hidden = !group.querySelector("li:not([hidden])");
    const heading = group.previousElementSibling;
    if (heading instanceof HTMLElement) heading.hidden = group.hidden;
  }
  find("[data-found]").textContent = words.length ? `${shown} ${shown === 1 ? "operation" : "operations"} found` : "";
}

/** @param {Schema | undefined} schema @returns {Schema} */
function resolve(schema) {
  const name = schema?.$ref?.split("/").at(-1);
  return name ? spec.components.schemas[name] : (schema ?? {});
}

/**
 * A value of this schema, with the fields that are required.
 * @param {Schema} schema
 * @returns {unknown}
 */
function example(schema) {
  const { type, properties = {}, required = [], anyOf, items, default: usual, enum: values } = resolve(schema);
  if (usual !== undefined && usual !== null) return usual;
  if (values) return values[0];
  if (anyOf) return example(anyOf[0]);
  if (type === "array") return items ? [example(items)] : [];
  if (type === "integer" || type === "number") return 1;
  if (type === "boolean") return false;
  if (type === "string") return "…";
  const names = required.length ? required : Object.keys(properties).slice(0, 2);
  return Object.fromEntries(names.map((/** @type {string} */ name) => [name, example(properties[name])]));
}

/** @param {HTMLElement} article @returns {Operation} */
function operationOf({ dataset: { method = "get", path = "" } }) {
  const { parameters = [], requestBody } = spec.paths[path][method];
  const type = Object.keys(requestBody?.content ?? {})[0] ?? "";
  const body = type === "application/json" ? JSON.stringify(example(requestBody.content[type].schema), null, 2) : "";
  return { method, path, parameters, type, body };
}

/**
 * The address and headers of a request.
 * @param {Operation} operation
 * @param {Record<string, string>} values
 */
function requestOf({ path, parameters }, values) {
  const url = new URL(
    path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? "").replaceAll("%2F", "/")),
    location.origin,
  );
  /** @type {Record<string, string>} */
  const headers = {};
  for (const { name, in: place } of parameters) {
    if (place === "query" && values[name]) url.searchParams.set(name, values[name]);
    if (place === "header" && values[name]) headers[name] = values[name];
  }
  return { url, headers };
}

/** A text as one word of a shell. @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * @param {Operation} operation
 * @param {Record<string, string>} values
 * @param {string} body
 */
function curl(operation, values, body) {
  const { url, headers } = requestOf(operation, values);
  const user = document.body.dataset.user;
  const parts = ["curl"];
  if (user) parts.push(`-u ${quoted(user)}`);
  if (operation.method !== "get") parts.push(`-X ${operation.method.toUpperCase()}`);
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (operation.type === "multipart/form-data") parts.push("-F file=@FILE");
  else if (operation.type) {
    parts.push(`-H ${quoted(`Content-Type: ${operation.type}`)}`);
    parts.push(operation.body ? `-d ${quoted(body.replaceAll(/\s*\n\s*/g, " "))}` : "--data-binary @FILE");
  }
  return [...parts, quoted(url.href)].join(" ");
}

/**
 * Shows an operation as a curl command, and what it needs in a form once it is to be tried.
 * @param {HTMLElement} article
 */
function showOperation(article) {
  const operation = operationOf(article);
  const usual = Object.fromEntries(operation.parameters.map((each) => [each.name, usualValue(each)]));
  find("[data-curl]", article).textContent = curl(operation, usual, operation.body);
  const button = find("button[data-try]", article);
  button.hidden = Boolean(operation.type) && !operation.body; // files: with curl
  const form = find("form[data-form]", article);
  button.addEventListener("click", () => {
    const opens = button.getAttribute("aria-expanded") === "false";
    if (!form.firstChild) fillForm(article, form, operation, usual);
    button.setAttribute("aria-expanded", String(opens));
    form.hidden = !opens;
  });
}

/** @param {Parameter} parameter */
const usualValue = ({ name, in: place, schema }) =>
  place === "path" ? (resolve(schema).type === "integer" ? "1" : name) : "";

/**
 * @param {HTMLElement} article
 * @param {HTMLFormElement} form
 * @param {Operation} operation
 * @param {Record<string, string>} usual
 */
function fillForm(article, form, operation, usual) {
  const values = () =>
    Object.fromEntries(operation.parameters.map(({ name }) => [name, control(form, name).value.trim()]));
  const draw = () => {
    find("[data-curl]", article).textContent = curl(operation, values(), text?.value ?? "");
  };
  const inputs = operation.parameters.map(({ name, required, schema }) => {
    const properties = { name, value: usual[name], required: required ?? false, oninput: draw, autocomplete: "off" };
    const allowed = resolve(schema).enum?.map((/** @type {string} */ each) => h("option", {}, each));
    const chosen = allowed ? h("select", properties, h("option", { value: "" }, "–"), allowed) : h("input", properties);
    return h("label.field", {}, h("span", {}, name), chosen);
  });
  const text = operation.body ? h("textarea", { rows: 6, spellcheck: false, oninput: draw }, operation.body) : null;
  const result = h("pre.result", { tabIndex: 0, role: "region", "aria-label": "Response", hidden: true });
  const words = operation.method === "get" ? "Send" : "Send: it changes this library";
  form.append(
    ...inputs,
    ...(text ? [h("label.field.wide", {}, h("span", {}, "Body"), text)] : []),
    h("div.actions", {}, h("button.button.primary", { type: "submit" }, words)),
    result,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => showResponse(result, await sendRequest(operation, values(), text?.value)));
  });
}

/**
 * @param {Operation} operation
 * @param {Record<string, string>} values
 * @param {string} [body]
 */
async function sendRequest(operation, values, body) {
  const { url, headers } = requestOf(operation, values);
  headers.Accept ??= "application/json";
  if (body) headers["Content-Type"] = operation.type;
  try {
    return await call(url, { method: operation.method.toUpperCase(), body, headers, signal });
  } catch (error) {
    if (error instanceof Problem && error.status) return error;
    throw error;
  }
}

/**
 * @param {HTMLElement} result
 * @param {Response | Problem} response
 */
async function showResponse(result, response) {
  result.hidden = false;
  if (response instanceof Problem) {
    const errors = response.errors.map(({ field, message }) => `${field}: ${message}`);
    result.textContent = [response.status, response.message, ...errors].join("\n");
    return;
  }
  const type = response.headers.get("Content-Type") ?? "";
  const stream = type.startsWith("text/event-stream");
  const content = stream ? "Events come as long as it is open." : await response.blob();
  if (stream) response.body?.cancel();
  const readable = content instanceof Blob && /json|^text\//.test(type);
  const text = readable ? await content.text() : content instanceof Blob ? `${type}, ${bytes(content.size)}` : content;
  const shown = type.includes("json") ? JSON.stringify(JSON.parse(text), null, 2) : text;
  result.textContent = `${response.status}\n${shown.length > SHOWN ? `${shown.slice(0, SHOWN)}\n…` : shown}`;
}

async function start() {
  spec = await get("/api/openapi.json");
  for (const article of findAll("article[data-method]", main)) showOperation(article);
}

shell();
for (const article of findAll("article[data-method]", main))
  article.dataset.text = (article.textContent ?? "").toLowerCase();
find("input[data-search]").addEventListener("input", search);
main.addEventListener("click", async ({ target }) => {
  const copy = target instanceof Element ? target.closest("[data-copy-curl]") : null;
  if (!copy?.parentElement) return;
  await navigator.clipboard.writeText(find("[data-curl]", copy.parentElement).textContent ?? "");
  toast("Copied the command.");
});
attempt(start);
