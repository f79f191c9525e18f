// The page: who one is, where one is, and what is on the screen.

import { blocks, menu } from "./blocks.js";
import { composer } from "./composer.js";
import { el, fill, sizeWords, timeWords } from "./dom.js";
import { act, live, upload } from "./live.js";
import { mrkdwn } from "./mrkdwn.js";

const at = (id) => document.getElementById(id);
const HOME = "hjem";
const here = { user: null, place: null, thread: null };
const begun = (Date.now() / 1000).toFixed(6);
const read = new Map(); // person and place -> the time of the last message seen; what was there at the start is not new
const typed = new Map(); // view id -> values that only the browser knows yet
let screen = null;
let road = null;
let shownModal = "";
let shownHome = "";

// -- words for a person ------------------------------------------------------

let toastTimer = 0;
function tell(words) {
  at("beskjed").textContent = words;
  at("beskjed").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { at("beskjed").hidden = true; }, 6000);
}

const names = {
  person: (id) => screen?.people.find((p) => p.id === id)?.name,
  channel: (id) => screen?.channels?.find((c) => c.id === id)?.name,
  group: (id) => screen?.groups[id],
};
const world = { people: () => screen.people.filter((p) => p.id !== screen.bot.id), channels: () => screen.channels };
const placeName = (c) => (c.kind === "im" ? c.name : [el("span", { class: c.kind === "group" ? "lock" : "hash", "aria-hidden": "true" }), c.name]);
const doing = (what, body = {}) => act(what, { user: here.user, ...body }, tell);

/** Ask before something that should be asked about. */
function confirmed(dialog) {
  if (!dialog) return Promise.resolve(true);
  const box = at("bekreft");
  return new Promise((resolve) => {
    const done = (answer) => { box.close(); resolve(answer); };
    fill(box, el("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); done(true); } },
      el("h2", { id: "bekreft-tittel" }, dialog.title?.text ?? "Er du sikker?"),
      dialog.text ? el("p", {}, dialog.text.type === "mrkdwn" ? mrkdwn(dialog.text.text, names) : dialog.text.text) : null,
      el("div", { class: "foot" },
        el("button", { type: "button", class: "button", onclick: () => done(false) }, dialog.deny?.text ?? "Avbryt"),
        el("button", { type: "submit", class: `button ${dialog.style ?? "primary"}` }, dialog.confirm?.text ?? "Ja"))));
    box.oncancel = (event) => { event.preventDefault(); done(false); };
    box.showModal();
  });
}

// -- where one is --------------------------------------------------------------

function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  here.user = address.get("person");
  here.place = address.get("sted");
  here.thread = address.get("trad");
}

function go(changes, { replace = false } = {}) {
  Object.assign(here, changes);
  const address = new URLSearchParams();
  if (here.user) address.set("person", here.user);
  if (here.place) address.set("sted", here.place);
  if (here.thread) address.set("trad", here.thread);
  history[replace ? "replaceState" : "pushState"](null, "", `#${address}`);
  arrive();
}

function arrive() {
  road.look({ user: here.user, place: here.place });
  openMenu(false);
  if (here.place === HOME && here.user) doing("home");
  if (screen) paint();
}

function openMenu(open) {
  document.body.classList.toggle("menu-open", open);
  at("vis-meny").setAttribute("aria-expanded", String(open));
  if (open) at("person").focus();
}

// -- painting ---------------------------------------------------------------------

/** Keep what has not changed: children are keyed by data-id and made anew only when their signature differs. */
function keep(container, items, make) {
  const old = new Map([...container.children].map((child) => [child.dataset.id, child]));
  const wanted = items.map((item) => {
    const signature = JSON.stringify(item.signature ?? item);
    const known = old.get(item.id);
    if (known && known.dataset.signature === signature) return known;
    const made = make(item);
    made.dataset.id = item.id;
    made.dataset.signature = signature;
    if (known?.contains(document.activeElement)) {
      const key = document.activeElement.dataset?.key;
      if (key) queueMicrotask(() => made.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus());
    }
    return made;
  });
  wanted.forEach((child, index) => { if (container.children[index] !== child) container.insertBefore(child, container.children[index] ?? null); });
  while (container.children.length > wanted.length) container.lastElementChild.remove();
}

function paint() {
  at("brudd").hidden = true;
  document.title = `${screen.workspace}${here.user && names.person(here.user) ? ` – ${names.person(here.user)}` : ""}`;
  const known = screen.me && screen.me === here.user;
  at("hvem").hidden = Boolean(here.user && names.person(here.user));
  at("rom").hidden = !known;
  if (!known) {
    if (here.user && names.person(here.user)) return; // this person's screen is on its way
    fill(at("personer"), world.people().map((p) => el("li", {}, el("button", { type: "button", class: "person-card", onclick: () => go({ user: p.id, place: null, thread: null }) },
      el("strong", {}, p.name), personWords(p) ? el("span", { class: "small" }, personWords(p)) : null))));
    return;
  }
  if (!here.place || (here.place !== HOME && !screen.channels.some((c) => c.id === here.place))) {
    const first = screen.channels.find((c) => c.member && c.kind !== "im") ?? screen.channels[0];
    return go({ place: first?.id ?? HOME, thread: null }, { replace: true });
  }
  paintSide();
  paintPlace();
  paintModal();
}

const personWords = (p) => [p.title, p.external ? "annen virksomhet" : "", p.guest ? "gjest" : ""].filter(Boolean).join(" · ");

function unread(channel) {
  const seen = read.get(`${here.user} ${channel.id}`) ?? begun;
  return channel.times.filter((ts) => ts > seen).length;
}

function paintSide() {
  at("arbeidsomrade").textContent = screen.workspace;
  const chooser = at("person");
  if (chooser.dataset.of !== JSON.stringify(screen.people)) {
    chooser.dataset.of = JSON.stringify(screen.people);
    fill(chooser, world.people().map((p) => el("option", { value: p.id }, p.name)));
  }
  chooser.value = here.user;
  const me = screen.people.find((p) => p.id === here.user);
  at("person-ord").textContent = personWords(me);
  at("bot-status").textContent = screen.connected ? `${screen.bot.name} er tilkoblet.` : `${screen.bot.name} er ikke tilkoblet.`;
  const rows = [
    { heading: screen.bot.name },
    { id: HOME, name: "Hjem", count: 0 },
    ...screen.channels.filter((c) => c.kind === "im").map((c) => ({ id: c.id, name: "Direktemelding", count: unread(c) })),
    { heading: "Kanaler" },
    ...screen.channels.filter((c) => c.kind !== "im").map((c) => ({ id: c.id, name: c.name, kind: c.kind, shared: c.shared, count: unread(c) })),
    ...(screen.shortcuts.some((s) => s.kind === "global") ? [{ heading: "Snarveier" }, ...screen.shortcuts.filter((s) => s.kind === "global").map((s) => ({ id: `kort-${s.id}`, name: s.label, shortcut: s.id }))] : []),
  ].map((row) => ({ ...row, id: row.id ?? `h-${row.heading}`, here: row.id === here.place }));
  keep(at("steder"), rows, (row) => {
    if (row.heading) return el("h2", { class: "side-heading" }, row.heading);
    const label = row.kind ? placeName(row) : row.name;
    return el("button", {
      type: "button", class: "place", "aria-current": row.here ? "page" : null, "data-key": `place/${row.id}`,
      onclick: () => (row.shortcut ? doing("shortcut", { shortcut: row.shortcut }) : go({ place: row.id, thread: null })),
    }, el("span", {}, label, row.shared ? el("span", { class: "tag" }, "delt") : null),
    row.count && !row.here ? el("span", { class: "badge" }, `${row.count} ${row.count === 1 ? "ny" : "nye"}`) : null);
  });
  const elsewhere = screen.channels.filter((c) => c.id !== here.place).reduce((sum, c) => sum + unread(c), 0);
  at("meny-nye").textContent = elsewhere ? `(${elsewhere} ${elsewhere === 1 ? "ny" : "nye"})` : "";
}

const nearBottom = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 80;

function paintPlace() {
  const home = here.place === HOME;
  const channel = screen.channels.find((c) => c.id === here.place);
  at("trad-sted").textContent = home || channel.kind === "im" ? "" : `i #${channel.name}`;
  if (at("sted").dataset.of !== here.place) fill(at("sted"), home ? `${screen.bot.name} – hjem` : placeName(channel));
  at("sted").dataset.of = here.place;
  at("emne").textContent = home ? "" : channel.topic || (channel.kind === "im" ? "Direktemelding" : channel.kind === "group" ? "Lukket kanal" : "Åpen kanal");
  at("meldinger").hidden = home;
  at("hjem").hidden = !home;
  at("skriv").hidden = home;
  at("trad").hidden = home || !here.thread;
  document.body.classList.toggle("thread-open", !at("trad").hidden);
  if (home) { at("nye").hidden = true; return paintHome(); }
  paintComposer(at("skriv"), channel, null);
  if (here.thread) paintComposer(at("trad-skriv"), channel, here.thread);
  if (screen.place !== here.place) return at("meldinger").replaceChildren(); // the messages on hand are of the place we left
  const main = screen.messages.filter((m) => !m.thread || m.broadcast);
  paintList(at("meldinger"), main, false);
  const last = screen.messages.at(-1)?.ts;
  if (last) read.set(`${here.user} ${here.place}`, last);
  if (here.thread) paintList(at("trad-meldinger"), screen.messages.filter((m) => m.ts === here.thread || m.thread === here.thread), true);
}

function paintList(list, messages, inThread) {
  const key = `${here.user} ${here.place} ${inThread ? here.thread : ""}`;
  const moved = list.dataset.key !== key;
  const stay = moved || nearBottom(list);
  const before = list.children.length;
  if (moved) list.replaceChildren();
  list.dataset.key = key;
  const items = messages.length ? messages.map((m) => ({ id: m.ts, signature: [m, names.person(m.user)], message: m })) : [{ id: "tom", signature: "tom" }];
  keep(list, items, (item) => (item.message ? messageOnScreen(item.message, inThread) : el("p", { class: "empty" }, "Ingen meldinger ennå. Skriv noe nedenfor, eller / for kommandoer.")));
  if (stay) list.scrollTop = list.scrollHeight;
  if (!inThread) at("nye").hidden = stay || list.children.length <= before;
}

function messageOnScreen(message, inThread) {
  const where = { channel: message.channel, ts: message.ts };
  const shortcuts = screen.shortcuts.filter((s) => s.kind === "message");
  const context = {
    ...shared,
    values: message.values,
    store: (block, element, entry) => { (message.values[block.block_id] ??= {})[element.action_id] = entry; },
    press: (block, element, more) => doing("press", { ...where, block: block.block_id, action: element.action_id, ...more }),
    suggest: (block, element, text) => doing("suggest", { ...where, block: block.block_id, action: element.action_id, typed: text }).then((a) => a?.options ?? null),
  };
  const words = message.blocks.length ? blocks(message.blocks, context) : message.text ? el("div", { class: "b-text" }, mrkdwn(message.text, names)) : null;
  const replies = !inThread && message.replies ? `${message.replies} svar` : null;
  const own = message.user === here.user;
  return el("article", { class: `message${message.ephemeral ? " private" : ""}${own ? " own" : ""}` },
    el("header", {}, el("strong", {}, message.author), message.app ? el("span", { class: "tag" }, "app") : null,
      el("time", { datetime: message.at }, timeWords(message.at)),
      message.edited ? el("span", { class: "small" }, "(endret)") : null,
      message.pinned ? el("span", { class: "tag" }, "festet") : null,
      message.ephemeral ? el("span", { class: "tag" }, "bare synlig for deg") : null),
    el("div", { class: "body" }, words,
      message.files.map((f) => el("p", { class: "file" }, el("a", { href: `/page/file/${f.id}?user=${here.user}`, download: f.name }, f.name), el("span", { class: "small" }, sizeWords(f.size)))),
      Object.entries(message.reactions).map(([name, count]) => el("span", { class: "tag" }, `:${name}: ${count}`))),
    message.ephemeral ? null : el("footer", {},
      inThread ? null : el("button", { type: "button", class: "quiet", "data-key": `svar/${message.ts}`, onclick: () => { go({ thread: message.ts }); at("trad-skriv").querySelector("textarea")?.focus(); } }, replies ? el("strong", {}, replies) : "Svar i tråd"),
      shortcuts.length ? menu("Mer", shortcuts.map((s) => ({ label: s.label, act: () => doing("shortcut", { ...where, shortcut: s.id }) })), { class: "quiet", "aria-label": "Mer for denne meldingen" }) : null));
}

const shared = { names, world, confirm: confirmed, errors: {}, viewer: () => here.user };

// -- writing --------------------------------------------------------------------------

function paintComposer(holder, channel, thread) {
  const key = `${here.user} ${channel.id} ${thread ?? ""} ${channel.archived}`;
  if (holder.dataset.key === key) return;
  holder.dataset.key = key;
  if (channel.archived) return fill(holder, el("p", { class: "empty" }, "Kanalen er arkivert."));
  const name = channel.kind === "im" ? channel.name : `#${channel.name}`;
  const made = composer({
    label: thread ? "Svar i tråden" : `Skriv til ${name}`,
    placeholder: thread ? "Svar …" : "Melding, eller / for kommandoer",
    commands: () => (thread ? [] : screen.commands),
    send: async (text) => {
      const command = !thread && text.startsWith("/");
      const answer = await (command ? doing("command", { channel: channel.id, line: text }) : doing("say", { channel: channel.id, text, thread }));
      return Boolean(answer);
    },
    share: (file, text) => upload({ user: here.user, channel: channel.id, text, thread }, file, tell),
  });
  fill(holder, made.form);
  holder.choose = made.choose;
}

function takeDrops() {
  const main = at("samtale");
  const over = (event) => { if (![...event.dataTransfer.types].includes("Files")) return; event.preventDefault(); main.classList.add("drop"); };
  main.addEventListener("dragenter", over);
  main.addEventListener("dragover", over);
  main.addEventListener("dragleave", (event) => { if (!main.contains(event.relatedTarget)) main.classList.remove("drop"); });
  main.addEventListener("drop", (event) => {
    main.classList.remove("drop");
    const file = event.dataTransfer.files[0];
    if (!file || !at("skriv").choose || at("skriv").hidden) return;
    event.preventDefault();
    at("skriv").choose(file);
  });
}

// -- forms and App Home ------------------------------------------------------------------

/** What the browser holds of a view: the workspace's values with what has been typed since. */
function contextOf(view) {
  const own = typed.get(view.id) ?? {};
  typed.set(view.id, own);
  const values = structuredClone(view.values);
  for (const [block, entries] of Object.entries(own)) for (const [action, entry] of Object.entries(entries)) if (values[block]?.[action]?.type === entry.type) values[block][action] = entry;
  const where = () => ({ view: view.id, values: own });
  return {
    ...shared,
    values,
    errors: view.errors,
    store: (block, element, entry) => { (own[block.block_id] ??= {})[element.action_id] = entry; },
    press: (block, element, more) => doing("press", { ...where(), block: block.block_id, action: element.action_id, ...more }),
    suggest: (block, element, text) => doing("suggest", { ...where(), block: block.block_id, action: element.action_id, typed: text }).then((a) => a?.options ?? null),
    where,
  };
}

/** Make anew and put the cursor back where it was. */
function repaint(container, make) {
  const active = container.contains(document.activeElement) ? document.activeElement : null;
  const key = active?.dataset?.key;
  const range = key && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  const scroller = container.querySelector(".form-body") ?? container;
  const top = scroller.scrollTop;
  make();
  (container.querySelector(".form-body") ?? container).scrollTop = top;
  if (!key) return;
  const again = container.querySelector(`[data-key="${CSS.escape(key)}"]`);
  again?.focus();
  if (range && again?.setSelectionRange && range[0] !== null) again.setSelectionRange(...range);
}

function paintHome() {
  const home = screen.home;
  const signature = `${here.user} ${home?.hash}`;
  if (signature === shownHome) return;
  shownHome = signature;
  if (home) typed.delete(home.id);
  repaint(at("hjem"), () => fill(at("hjem"), home ? el("div", { class: "home" }, blocks(home.blocks, contextOf(home))) : el("p", { class: "empty" }, `${screen.bot.name} har ikke laget noe hjem for deg ennå.`)));
}

function paintModal() {
  const box = at("vindu");
  const view = screen.modal;
  if (!view) {
    if (box.open) box.close();
    shownModal = "";
    typed.clear();
    return;
  }
  const signature = JSON.stringify([view.id, view.hash, view.errors]);
  if (signature === shownModal) return;
  const fresh = !shownModal.includes(`"${view.id}"`);
  shownModal = signature;
  const context = contextOf(view);
  const close = () => doing("close", context.where());
  const submit = async (event) => {
    event.preventDefault();
    const button = box.querySelector("[type=submit]");
    if (!button || button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const answer = await doing("submit", context.where());
    button.removeAttribute("aria-busy");
    if (answer?.errors && Object.keys(answer.errors).length) setTimeout(() => box.querySelector("[aria-invalid=true], .wrong input")?.focus(), 120);
  };
  const faults = Object.keys(view.errors).filter(Boolean).length;
  const problem = view.errors[""] ?? (faults ? (faults === 1 ? "Ett felt må rettes." : `${faults} felt må rettes.`) : null);
  repaint(box, () => fill(box, el("form", { class: "form", novalidate: true, onsubmit: submit },
    el("header", { class: "head" }, el("h2", { id: "vindu-tittel", tabindex: "-1" }, view.title), el("button", { type: "button", class: "quiet", onclick: close, "aria-label": "Lukk" }, "✕")),
    el("div", { class: "form-body" }, problem ? el("p", { class: "error summary", role: "alert" }, problem) : null, blocks(view.blocks, context)),
    el("div", { class: "foot" },
      el("button", { type: "button", class: "button", onclick: close }, view.close ?? (view.depth > 1 ? "Tilbake" : view.submit ? "Avbryt" : "Lukk")),
      view.submit ? el("button", { type: "submit", class: "button primary" }, view.submit) : null))));
  box.oncancel = (event) => { event.preventDefault(); close(); };
  if (!box.open) box.showModal();
  if (fresh) (box.querySelector(".form-body input:not([type=radio]):not([type=checkbox]), .form-body select, .form-body textarea, .form-body [type=radio], .form-body [type=checkbox]") ?? at("vindu-tittel")).focus();
}

// -- beginning --------------------------------------------------------------------------------

function begin() {
  readAddress();
  road = live((came) => { screen = came; paint(); }, (cut) => { at("brudd").hidden = !cut; });
  road.look({ user: here.user, place: here.place });
  if (here.place === HOME && here.user) doing("home");
  addEventListener("popstate", () => { readAddress(); arrive(); });
  at("person").addEventListener("change", (event) => { shownHome = ""; go({ user: event.target.value, place: here.place === HOME ? HOME : null, thread: null }); });
  at("vis-meny").addEventListener("click", () => openMenu(!document.body.classList.contains("menu-open")));
  at("lukk-meny").addEventListener("click", () => { openMenu(false); at("vis-meny").focus(); });
  at("lukk-trad").addEventListener("click", () => { const ts = here.thread; go({ thread: null }); at("meldinger").querySelector(`[data-key="${CSS.escape(`svar/${ts}`)}"]`)?.focus(); });
  at("nye").addEventListener("click", () => { at("meldinger").scrollTop = at("meldinger").scrollHeight; at("nye").hidden = true; });
  at("meldinger").addEventListener("scroll", () => { if (nearBottom(at("meldinger"))) at("nye").hidden = true; });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("menu-open")) { openMenu(false); at("vis-meny").focus(); }
  });
  takeDrops();
}

begin();
