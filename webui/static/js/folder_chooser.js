// A dialog that shows the tree of folders, to choose one of them.
import { get, post } from "./api.js";
import { ask, CANCEL } from "./dialog.js";
import { findAll, h, icon } from "./dom.js";
import { attempt } from "./toast.js";
import { t } from "./translate.js";

/**
 * Asks for a folder of the tree. Returns its path, or null.
 * @param {string} title
 * @param {string} label The button that chooses.
 * @param {string} open The folder that is shown and chosen first.
 * @param {string[]} without Folders that are left out, with all below them.
 */
export async function chooseFolder(title, label, open, without = []) {
  const tree = new FolderTree(without);
  await attempt(() => tree.reveal(open));
  const chosen = tree.root.querySelector("[aria-selected=true]");
  if (!chosen) return null; // there is no tree, and a message says why
  chosen.setAttribute("autofocus", "");
  const make = h("button.button", { type: "button", onclick: () => attempt(() => tree.addFolder()) });
  make.append(icon("folder-plus"), t("New folder"));
  const content = [tree.root, h("p.muted", { role: "status" }, tree.words), h("div.folder-new", {}, tree.name, make)];
  const yes = { label, value: "yes", kind: "primary" };
  return (await ask(title, content, [CANCEL, yes])) === "yes" ? tree.chosen : null;
}

/** A tree of folders as the ARIA authoring practices describe it; each is read when it is opened. */
class FolderTree {
  /** @param {string[]} without */
  constructor(without) {
    this.without = without;
    this.chosen = "/";
    this.words = h("b");
    this.name = h("input", {
      placeholder: t("Name of a new folder"),
      "aria-label": t("New folder"),
      autocomplete: "off",
    });
    this.name.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      attempt(() => this.addFolder());
    });
    this.root = h("ul.folder-tree.plain", { role: "tree", "aria-label": t("Folders") });
    this.root.addEventListener("click", (event) => this.#click(event));
    this.root.addEventListener("keydown", (event) => this.#press(event));
  }

  /**
   * Opens the tree down to a folder and chooses it.
   * @param {string} path
   */
  async reveal(path) {
    this.root.replaceChildren(...(await this.#rows("/")));
    let at = "";
    for (const name of path.split("/").filter(Boolean)) {
      at += `/${name}`;
      const row = this.#row(at);
      if (!row) break;
      this.#choose(row);
      await this.#open(row);
    }
    const first = this.#visible()[0];
    if (this.chosen === "/" && first) this.#choose(first);
  }

  /** Makes a folder in the chosen one, and chooses it. */
  async addFolder() {
    const name = this.name.value.trim();
    if (!name) {
      this.name.focus();
      return;
    }
    const made = await post("/api/webdav/mkdir", { path: `${this.chosen}/${name}` });
    this.name.value = "";
    await this.reveal(made.path);
    this.#row(made.path)?.focus();
  }

  /** @param {string} path */
  #row = (path) => findAll("li", this.root).find((row) => row.dataset.path === path);

  /** The rows that are not in a closed folder. */
  #visible = () => findAll("li", this.root).filter((row) => !row.parentElement?.closest("li[aria-expanded=false]"));

  /** @param {string} folder */
  async #rows(folder) {
    /** @type {Api.Listing} */
    const { entries } = await get("/api/webdav/browse", { path: folder });
    const folders = entries.filter(
      ({ is_folder: isFolder, path }) => isFolder && path !== "/Status" && !this.without.includes(path),
    );
    return folders.map(({ name, path, song }) =>
      h(
        "li",
        {
          role: "treeitem",
          tabindex: "-1",
          "aria-expanded": song === null ? "false" : null,
          "aria-selected": "false",
          dataset: { path },
        },
        h("span.folder-row", {}, h("i"), icon(song === null ? "folder" : "music"), h("span", {}, name)),
        h("ul.plain", { role: "group" }),
      ),
    );
  }

  /** @param {HTMLElement} row */
  async #open(row) {
    const inner = row.lastElementChild;
    if (!inner || !row.hasAttribute("aria-expanded")) return;
    if (!inner.children.length) inner.replaceChildren(...(await this.#rows(row.dataset.path ?? "/")));
    if (inner.children.length) row.setAttribute("aria-expanded", "true");
    else row.removeAttribute("aria-expanded"); // nothing is in it to be shown
  }

  /** @param {HTMLElement} row */
  #choose(row) {
    for (const each of findAll("[aria-selected=true]", this.root)) {
      each.setAttribute("aria-selected", "false");
      each.tabIndex = -1;
    }
    row.setAttribute("aria-selected", "true");
    row.tabIndex = 0;
    this.chosen = row.dataset.path ?? "/";
    this.words.textContent = t("Into {chosen}", { chosen: this.chosen });
    row.firstElementChild?.scrollIntoView({ block: "nearest" });
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const row = event.target instanceof Element ? event.target.closest("li") : null;
    if (!row) return;
    this.#choose(row);
    row.focus();
    if (row.getAttribute("aria-expanded") === "true") row.setAttribute("aria-expanded", "false");
    else attempt(() => this.#open(row));
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const row = event.target instanceof HTMLElement ? event.target.closest("li") : null;
    if (!row) return;
    const rows = this.#visible();
    const at = rows.indexOf(row);
    const above = row.parentElement?.closest("li");
    const isOpen = row.getAttribute("aria-expanded") === "true";
    /** @type {Record<string, () => HTMLElement | null | undefined>} The row to go to. */
    const moves = {
      ArrowDown: () => rows[at + 1],
      ArrowUp: () => rows[at - 1],
      Home: () => rows[0],
      End: () => rows[rows.length - 1],
      ArrowRight: () => {
        if (isOpen) return rows[at + 1];
        attempt(() => this.#open(row));
        return row;
      },
      ArrowLeft: () => {
        if (!isOpen) return above;
        row.setAttribute("aria-expanded", "false");
        return row;
      },
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    const next = moves[event.key]();
    if (!next) return;
    this.#choose(next);
    next.focus();
  }
}
