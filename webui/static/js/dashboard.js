// The dashboard: what there is, what happens, what is wrong, what to do next.
import { get, post, remove } from "./api.js";
import { find, findAll, h, icon } from "./dom.js";
import { ago, bytes, count, plural } from "./format.js";
import { follow, watch } from "./jobs.js";
import { shell } from "./shell.js";
import { tabs } from "./tabs.js";
import { attempt, toast } from "./toast.js";

const STATES = {
  never: "The library is being read for the first time.",
  current: "Everything is up to date.",
  stale: "The library is being compared with the remote.",
  unreachable: "The remote cannot be reached; you see what was known last.",
};
const KINDS = { import: "archive", generate: "wand", sync: "refresh", analyse: "activity" };

async function showStatus() {
  const status = await attempt(() => get("/api/library/status"));
  if (!status) return;
  const hours = status.length / 3_600_000;
  find("[data-headline]").textContent = status.songs
    ? `${plural(status.songs, "song")} by ${plural(status.artists, "artist")} · ${status.server}. ${status.message || STATES[status.state] || ""}`
    : "Your library is empty. Drop some archives on the upload page, or make your first chart from a song you like.";
  const figures = [
    [count(status.songs), "songs"],
    [count(status.artists), "artists"],
    [hours < 10 ? hours.toFixed(1) : count(Math.round(hours)), "hours of music"],
    status.quota_free === null
      ? [bytes(status.quota_used), "used, without a limit"]
      : [
          bytes(status.quota_free),
          `left, ${bytes(status.quota_used)} used`,
          status.quota_used / (status.quota_used + status.quota_free || 1),
        ],
  ];
  find("[data-figures]").replaceChildren(
    ...figures.map(([value, label, share]) =>
      h(
        "div.figure",
        {},
        h("b", {}, value),
        h("span", {}, label),
        share === undefined ? null : h("progress", { max: 1, value: share, "aria-label": "Space used" }),
      ),
    ),
  );
  find("[data-figures]").setAttribute("aria-busy", "false");
  showFindings(status);
}

function showFindings(status) {
  const rows = [
    [status.refused, "a game would refuse", "/songs?problem=refused", "stop", "bad"],
    [status.without_art, "without album art", "/songs?has_art=false", "image", "warn"],
    [status.duplicates, "with notes that are there twice", "/songs?duplicates=true&sort=artist", "copy", "warn"],
    [status.problems, "with something to improve", "/songs?problem=any", "warning", "warn"],
  ].filter(([number]) => number > 0);
  const items = rows.map(([number, text, href, name, tone]) =>
    h(
      "li",
      {},
      h(
        `a.${tone}`,
        { href },
        icon(name),
        h("b", {}, count(number)),
        h("span", {}, text),
        h("span.go", {}, icon("forward")),
      ),
    ),
  );
  if (!items.length)
    items.push(
      h(
        "li",
        {},
        h("p.all-well", {}, icon("check"), status.songs ? "Nothing. Every song is in good order." : "Nothing yet."),
      ),
    );
  find("[data-findings]").replaceChildren(...items);
}

function jobRow(job) {
  const note = job.error ?? (!job.final ? job.step || "waiting" : `${job.state}, ${ago(job.updated)}`);
  return h(
    `div.job.${job.state}`,
    {},
    icon(job.state === "done" ? "check" : job.state === "failed" ? "stop" : (KINDS[job.kind] ?? "clock")),
    h("span.job-title", {}, job.title),
    !job.final
      ? h(
          "button.button.ghost",
          {
            type: "button",
            "aria-label": `Cancel ${job.title}`,
            onclick: () => attempt(() => remove(`/api/jobs/${job.id}`)),
          },
          "Cancel",
        )
      : h("span"),
    job.state === "running" ? h("progress", { max: 1, value: job.progress, "aria-label": job.title }) : null,
    h(`span.job-note${job.state === "failed" ? ".bad" : ""}`, {}, note),
  );
}

function showJobs(jobs) {
  const shown = jobs
    .filter((job) => !job.final)
    .concat(jobs.filter((job) => job.final))
    .slice(0, 6);
  find("[data-job-list]").replaceChildren(
    shown.length
      ? h("div.jobs", {}, shown.map(jobRow))
      : h("p.muted", {}, "All quiet. What you upload, make or sync shows up here."),
  );
}

async function showAddress() {
  const connection = await attempt(() => get("/api/webdav/status"));
  if (!connection) return;
  find("[data-address]").value = connection.address;
  for (const place of findAll("[data-address-text]")) place.textContent = connection.address;
  find("[data-dav-scheme]").textContent = connection.address.startsWith("https") ? "davs://" : "dav://";
}

find("[data-copy]").addEventListener("click", () =>
  attempt(async () => {
    await navigator.clipboard.writeText(find("[data-address]").value);
    toast("Copied the address.");
  }),
);

find("[data-sync]").addEventListener("click", () =>
  attempt(async () => {
    const job = await follow((await post("/api/library/sync")).id);
    if (job.state === "done")
      toast(
        `Synced ${plural(job.result?.synced ?? 0, "song")}: ${job.result?.added ?? 0} new, ${job.result?.changed ?? 0} changed, ${job.result?.purged ?? 0} gone.`,
      );
    else toast(job.error ?? "The sync was stopped.", { bad: true });
    await showStatus();
  }),
);

shell();
tabs(find("[data-tabs]"));
showStatus();
showAddress();
let finished = null;
watch((jobs) => {
  showJobs(jobs);
  const over = jobs.filter((job) => job.final).length;
  if (finished !== null && over !== finished) showStatus();
  finished = over;
});
