// A field that offers choices while one types: for external selects and for commands.

import { el, fill, freshId } from "./dom.js";

/**
 * Make `input` a combobox. `look(text)` gives a list of {text, description, group, …} or a promise of one,
 * or a string to show in place of choices; `choose(option)` is called with what was chosen; `auto()` says
 * whether the first choice is marked, so that Enter takes it. A list `above` its field is taken by Tab too.
 */
export function combobox(input, { look, choose, pause = 120, above = false, auto = () => true }) {
  const listId = freshId("liste");
  const list = el("div", { class: above ? "choices above" : "choices", id: listId, role: "listbox", hidden: true });
  const status = el("p", { class: "sr", role: "status", "aria-live": "polite" });
  let options = [];
  let active = -1;
  let asked = 0;
  let timer = 0;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", listId);
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("autocomplete", "off");

  const isOpen = () => !list.hidden;

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    const items = list.querySelectorAll('[role="option"]');
    active = index === null || !items.length ? -1 : (index + items.length) % items.length;
    items.forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", items[active].id);
    items[active].scrollIntoView({ block: "nearest" });
  }

  function take(index) {
    const option = options[index];
    if (!option) return;
    close();
    asked += 1;
    clearTimeout(timer);
    choose(option);
  }

  function show(found) {
    if (typeof found === "string") {
      options = [];
      fill(list, el("p", { class: "choices-note" }, found));
      status.textContent = found;
    } else {
      options = found;
      const groups = new Map();
      found.forEach((option, index) => groups.set(option.group ?? "", [...(groups.get(option.group ?? "") ?? []), [option, index]]));
      fill(list, [...groups].map(([name, members]) => {
        const id = freshId("gruppe");
        const items = members.map(([option, index]) =>
          el("div", {
            role: "option", id: freshId("valg"), class: "choice", "aria-selected": "false",
            onpointerdown: (event) => event.preventDefault(), onclick: () => take(index),
          }, el("span", { class: "choice-text" }, option.text), option.description ? el("span", { class: "choice-more" }, option.description) : null));
        return name ? el("div", { role: "group", "aria-labelledby": id }, el("p", { class: "choices-group", id }, name), items) : items;
      }));
      status.textContent = found.length === 1 ? "1 treff" : `${found.length} treff`;
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(auto() ? 0 : null);
  }

  async function search(text) {
    const mine = (asked += 1);
    const found = look(text);
    if (found === null) return close();
    if (found instanceof Promise) {
      if (!isOpen()) show("Søker …");
      input.setAttribute("aria-busy", "true");
      const came = await found;
      if (mine !== asked) return;
      input.removeAttribute("aria-busy");
      if (came === null) return close();
      return show(came);
    }
    show(found);
  }

  function later() {
    clearTimeout(timer);
    asked += 1;
    timer = setTimeout(() => search(input.value), pause);
  }

  input.addEventListener("input", later);
  input.addEventListener("blur", () => { clearTimeout(timer); asked += 1; close(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !isOpen() && input.value) { event.preventDefault(); search(input.value); return; }
    if (!isOpen()) return;
    const keys = {
      ArrowDown: () => mark(active + 1),
      ArrowUp: () => mark(Math.max(active, 0) - 1),
      Home: options.length ? () => mark(0) : null,
      End: options.length ? () => mark(options.length - 1) : null,
      Escape: close,
      Enter: active >= 0 ? () => take(active) : null,
      Tab: above && options.length ? () => take(Math.max(active, 0)) : null,
    };
    const act = keys[event.key];
    if (!act || event.isComposing || ((event.key === "Home" || event.key === "End") && above)) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  return { list, status, close, search: () => search(input.value), isOpen };
}
