// Connecting a Nextcloud: address, sign-in there or an app password, checks, and what to do then.
import { get, post } from "./api.js";
import { find, h, icon } from "./dom.js";
import { shell } from "./shell.js";

const POLL = 2000; // milliseconds
const STEPS = ["ask", "waiting", "checking", "done"];
const place = find("[data-place]").elements;
let attempts = 0; // an answer to an attempt that was given up is dropped

function show(step, wrong = "") {
  for (const each of STEPS) find(`[data-${each}]`).hidden = each !== step;
  find("[data-wrong]").hidden = !wrong;
  find("[data-wrong]").textContent = wrong;
}

const pause = () =>
  new Promise((resolve) => {
    setTimeout(resolve, POLL);
  });

async function signIn(attempt) {
  const { login } = await post("/api/setup/sign-in", { url: place.url.value });
  if (attempt !== attempts) return false;
  find("[data-login]").href = login;
  show("waiting");
  find("[data-login]").focus();
  while (attempt === attempts) {
    const { username } = await get("/api/setup/sign-in");
    if (username) return attempt === attempts;
    await pause();
  }
  return false;
}

async function connect(account) {
  show("checking");
  const { findings, file } = await post("/api/setup", { folder: place.folder.value, account });
  find("[data-file]").textContent = file;
  find("[data-findings]").replaceChildren(
    ...findings.map(({ grade, text, advice }) =>
      h(
        `li.${grade}`,
        {},
        icon(grade === "good" ? "check" : "info"),
        h("span", {}, text),
        advice ? h("small", {}, advice) : null,
      ),
    ),
  );
  show("done");
  find("[data-done]").focus();
}

/** Runs one way of connecting; what goes wrong is shown above the form, which keeps what was typed. */
async function run(way) {
  attempts += 1;
  const attempt = attempts;
  try {
    await way(attempt);
  } catch (error) {
    if (attempt === attempts) show("ask", error.message);
  }
}

find("[data-place]").addEventListener("submit", (event) => {
  event.preventDefault();
  run(async (attempt) => {
    if (await signIn(attempt)) await connect(null);
  });
});

find("[data-typed]").addEventListener("submit", (event) => {
  event.preventDefault();
  const { username, password } = event.target.elements;
  if (find("[data-place]").reportValidity())
    run(() => connect({ url: place.url.value, username: username.value, password: password.value }));
});

find("[data-back]").addEventListener("click", () => {
  attempts += 1;
  show("ask");
});
shell();
