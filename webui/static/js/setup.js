// The page that connects a Nextcloud: its address, a sign-in there or an app password, checks, and what to do next.
import { get, post } from "./api.js";
import { control, find, h, icon } from "./dom.js";
import { shell } from "./shell.js";
import { messageOf } from "./toast.js";

const POLL = 2000; // milliseconds
const STEPS = ["ask", "waiting", "checking", "done"];
const server = find("form[data-server]");
const typed = find("form[data-typed]");
let attempts = 0; // the response to an earlier attempt is ignored

/**
 * Shows one step of the page, and above it an error.
 * @param {string} step
 */
function show(step, error = "") {
  for (const each of STEPS) find(`[data-${each}]`).hidden = each !== step;
  find("[data-wrong]").hidden = !error;
  find("[data-wrong]").textContent = error;
}

const pause = () =>
  new Promise((resolve) => {
    setTimeout(resolve, POLL);
  });

/**
 * Waits for the person to grant access. False if this attempt was given up.
 * @param {number} attempt
 */
async function signIn(attempt) {
  const flow = await post("/api/setup/sign-in", { url: control(server, "url").value });
  if (attempt !== attempts) return false;
  find("[data-server-address]").textContent = flow.server;
  const link = find("a[data-login]");
  link.href = flow.login;
  show("waiting");
  link.focus();
  while (attempt === attempts) {
    const { username } = await get("/api/setup/sign-in");
    if (username) return attempt === attempts;
    await pause();
  }
  return false;
}

/** @param {{url: string, username: string, password: string} | null} account Null: the one that signed in. */
async function connect(account) {
  show("checking");
  /** @type {Api.Connected} */
  const { findings, file } = await post("/api/setup", { folder: control(server, "folder").value, account });
  find("[data-file]").textContent = file;
  const items = findings.map(({ grade, text, advice }) => {
    const mark = icon(grade === "good" ? "check" : "info");
    return h(`li.${grade}`, {}, mark, h("span", {}, text), advice ? h("small", {}, advice) : null);
  });
  find("[data-checks]").replaceChildren(...items);
  show("done");
  find("[data-done]").focus();
}

/**
 * Runs one way of connecting. An error is shown above the form, which keeps what was typed.
 * @param {(attempt: number) => Promise<void>} way
 */
async function run(way) {
  attempts += 1;
  const attempt = attempts;
  try {
    await way(attempt);
  } catch (error) {
    if (attempt === attempts) show("ask", messageOf(error));
  }
}

server.addEventListener("submit", (event) => {
  event.preventDefault();
  run(async (attempt) => {
    if (await signIn(attempt)) await connect(null);
  });
});
typed.addEventListener("submit", (event) => {
  event.preventDefault();
  const [url, username, password] = [control(server, "url"), control(typed, "username"), control(typed, "password")];
  if (server.reportValidity())
    run(() => connect({ url: url.value, username: username.value, password: password.value }));
});
find("[data-back]").addEventListener("click", () => {
  attempts += 1;
  show("ask");
});
shell();
