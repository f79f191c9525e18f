// Blocks of Block Kit to elements, for messages, forms and App Home alike.

import { el, freshId } from "./dom.js";
import { field } from "./fields.js";
import { mrkdwn, richText, safeLink, textObject } from "./mrkdwn.js";

/**
 * All blocks. `context` has: names, world, values, errors, and what to do:
 * store(block, element, value), press(block, element, value), suggest(block, element, text), confirm(object).
 */
export function blocks(list, context) {
  return (list ?? []).map((block) => one(block, context));
}

function one(block, context) {
  const { names } = context;
  switch (block.type) {
    case "divider": return el("hr");
    case "header": return el("h3", { class: "b-header" }, textObject(block.text, names));
    case "section": return section(block, context);
    case "context":
      return el("div", { class: "b-context" }, block.elements.map((entry) =>
        entry.type === "image" ? image(entry, "small-image", context) : el("span", {}, textObject(entry, names))));
    case "actions":
      return el("div", { class: "b-actions" }, block.elements.map((element) => control(block, element, context)));
    case "input": return input(block, context);
    case "image":
      return el("figure", {}, block.title ? el("figcaption", {}, block.title.text) : null, image(block, "big-image", context));
    case "rich_text": return el("div", { class: "b-text" }, richText(block.elements, names));
    case "markdown": return el("div", { class: "b-text" }, mrkdwn(block.text.replaceAll("**", "*"), names));
    case "table":
      return el("div", { class: "b-table" }, el("table", {}, block.rows.map((row, index) => el("tr", {}, row.map((cell) =>
        el(index ? "td" : "th", {}, cell.type === "raw_text" ? cell.text : richText(cell.elements, names)))))));
    default: return el("p", { class: "hint" }, `(${block.type} kan ikke vises her)`);
  }
}

/** An image, or its alt text where this person may not see it. */
const image = (entry, kind, context) => {
  const file = entry.slack_file?.id;
  const source = file ? `/page/file/${file}?user=${context.viewer()}` : safeLink(entry.image_url ?? "");
  const words = () => el("span", { class: "no-image" }, entry.alt_text);
  if (!source) return words();
  const shown = el("img", { src: source, alt: entry.alt_text, class: kind, loading: "lazy", onerror: () => shown.replaceWith(words()) });
  return shown;
};

function section(block, context) {
  const { names } = context;
  const words = el("div", { class: "b-text" },
    block.text ? el("div", {}, textObject(block.text, names)) : null,
    block.fields ? el("div", { class: "b-fields" }, block.fields.map((f) => el("div", {}, textObject(f, names)))) : null);
  if (!block.accessory) return words;
  const beside = block.accessory.type === "image" ? image(block.accessory, "side-image", context) : control(block, block.accessory, context, words);
  return el("div", { class: "b-section" }, words, el("div", { class: "b-accessory" }, beside));
}

const keyOf = (block, element) => `${block.block_id}/${element.action_id}`;
const entryOf = (block, element, context) => context.values?.[block.block_id]?.[element.action_id] ?? {};

/** A control outside a form: using it tells the bot at once. */
function control(block, element, context, labelledBy = null) {
  if (element.type === "button" || element.type === "workflow_button") return button(block, element, context);
  if (element.type === "overflow") return overflow(block, element, context);
  let named = { "aria-label": element.placeholder?.text ?? "Velg" };
  if (labelledBy) {
    labelledBy.id = labelledBy.id || freshId("ord");
    named = { "aria-labelledby": labelledBy.id };
  }
  return el("div", { class: "b-control" }, made(block, element, context, named));
}

function made(block, element, context, described) {
  const dispatches = block.type !== "input" || block.dispatch_action;
  const change = async (value, how = {}) => {
    const entry = { type: element.type, ...value };
    context.store(block, element, entry);
    if (!dispatches || how.silent) return;
    if (!(await context.confirm(element.confirm))) return;
    await context.press(block, element, { entry });
  };
  const node = field(element, entryOf(block, element, context), {
    described: { ...described, "data-key": keyOf(block, element) },
    change,
    suggest: (text) => context.suggest(block, element, text),
    world: context.world,
    names: context.names,
  });
  return node;
}

function button(block, element, context) {
  const style = element.style ? ` ${element.style}` : "";
  const attributes = { class: `button${style}`, "data-key": keyOf(block, element), "aria-label": element.accessibility_label };
  const press = async (event) => {
    const pressed = event.currentTarget;
    if (pressed.getAttribute("aria-busy") === "true") return event.preventDefault();
    if (element.confirm) event.preventDefault();
    if (!(await context.confirm(element.confirm))) return;
    pressed.setAttribute("aria-busy", "true");
    try {
      await context.press(block, element, {});
    } finally {
      pressed.removeAttribute("aria-busy");
    }
  };
  const url = safeLink(element.url ?? "");
  if (url) return el("a", { ...attributes, href: url, target: "_blank", rel: "noopener noreferrer", onclick: press }, textObject(element.text, context.names));
  return el("button", { ...attributes, type: "button", onclick: press }, textObject(element.text, context.names));
}

/** A menu button: arrows, Enter, Escape, as people expect. */
export function menu(label, items, attributes = {}) {
  const id = freshId("meny");
  const list = el("div", { class: "menu", role: "menu", id, hidden: true }, items.map((item) =>
    el("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => { close(true); item.act(); } },
      el("span", {}, item.label), item.more ? el("span", { class: "choice-more" }, item.more) : null)));
  const opener = el("button", { type: "button", class: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": id, onclick: () => (list.hidden ? open() : close(true)), ...attributes }, label);
  const entries = () => [...list.children];
  function open() {
    list.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    const box = opener.getBoundingClientRect();
    list.classList.toggle("up", box.bottom + list.offsetHeight + 8 > innerHeight && box.top > list.offsetHeight);
    list.classList.toggle("left", box.left + list.offsetWidth + 8 > innerWidth);
    entries()[0]?.focus();
  }
  function close(back) {
    list.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    if (back) opener.focus();
  }
  const whole = el("div", { class: "menu-holder", onkeydown: (event) => {
    if (list.hidden) return;
    const at = entries().indexOf(document.activeElement);
    const move = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (move !== undefined) entries().at(move % entries().length)?.focus();
    else if (event.key === "Escape") close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, onfocusout: (event) => { if (!whole.contains(event.relatedTarget)) close(false); } }, opener, list);
  return whole;
}

function overflow(block, element, context) {
  const items = element.options.map((option) => ({
    label: option.text.text,
    more: option.description?.text,
    act: async () => {
      if (await context.confirm(element.confirm)) await context.press(block, element, { option: option.value });
    },
  }));
  return menu("⋯", items, { "aria-label": "Flere valg", "data-key": keyOf(block, element) });
}

const GROUPS = ["radio_buttons", "checkboxes", "multi_static_select", "multi_users_select", "multi_channels_select", "multi_conversations_select"];

/** A field of a form: label, control, hint, error, tied together. */
function input(block, context) {
  const element = block.element;
  const id = freshId("felt");
  const error = context.errors?.[block.block_id];
  const hintId = block.hint ? `${id}-hint` : null;
  const errorId = error ? `${id}-feil` : null;
  const group = GROUPS.includes(element.type);
  const describedby = [errorId, hintId].filter(Boolean).join(" ") || null;
  const described = { "aria-describedby": describedby, "aria-invalid": error ? "true" : null };
  if (group) described["aria-labelledby"] = `${id}-navn`;
  else {
    described.id = id;
    if (!block.optional) described["aria-required"] = "true";
  }
  const label = [block.label.text, block.optional ? el("span", { class: "optional" }, " (valgfritt)") : null];
  return el("div", { class: error ? "b-input wrong" : "b-input", "data-block": block.block_id },
    group ? el("p", { class: "label", id: `${id}-navn` }, label) : el("label", { class: "label", for: id }, label),
    error ? el("p", { class: "error", id: errorId }, el("span", { "aria-hidden": "true" }, "! "), error) : null,
    made(block, element, context, described),
    block.hint ? el("p", { class: "hint", id: hintId }, textObject(block.hint, context.names)) : null);
}
