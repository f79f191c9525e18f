// The elements of Block Kit that hold a value, each as a native control where there is one.

import { combobox } from "./combobox.js";
import { el, fill, freshId } from "./dom.js";
import { textObject } from "./mrkdwn.js";

const groupsOf = (element) => element.option_groups ?? [{ label: null, options: element.options ?? [] }];
const sameOption = (a, b) => Boolean(a?.value) && a.value === b?.value;

function nativeSelect(element, current, described, change, list) {
  const flat = list.flatMap((group) => group.options);
  const none = el("option", { value: "" }, element.placeholder?.text ?? "Velg …");
  let index = 0;
  const made = list.map((group) => {
    const options = group.options.map((option) =>
      el("option", { value: String(index++) }, option.description ? `${option.text} – ${option.description}` : option.text));
    return group.label ? el("optgroup", { label: group.label }, options) : options;
  });
  const select = el("select", { ...described, onchange: () => change(select.value === "" ? null : flat[Number(select.value)].body) }, none, made);
  const at = flat.findIndex((option) => JSON.stringify(option.body) === JSON.stringify(current) || sameOption(option.body, current));
  select.value = at < 0 ? "" : String(at);
  return select;
}

const staticList = (element) => groupsOf(element).map((group) => ({
  label: group.label?.text,
  options: group.options.map((option) => ({ text: option.text.text, description: option.description?.text, body: option })),
}));

function choiceGroup(element, entry, described, change, names, many) {
  const name = freshId("gruppe");
  const options = groupsOf(element).flatMap((group) => group.options);
  let chosen = many ? [...(entry.selected_options ?? [])] : entry.selected_option;
  return el("div", { class: "options", role: many ? "group" : "radiogroup", ...described }, options.map((option) => {
    const id = freshId("valg");
    const input = el("input", {
      type: many ? "checkbox" : "radio", name, id,
      checked: many ? chosen.some((one) => sameOption(one, option)) : sameOption(chosen, option),
      onchange: () => {
        if (many) {
          chosen = input.checked ? [...chosen, option] : chosen.filter((one) => !sameOption(one, option));
          change({ selected_options: chosen });
        } else change({ selected_option: option });
      },
    });
    return el("label", { class: "option", for: id }, input, el("span", {}, textObject(option.text, names),
      option.description ? el("span", { class: "hint" }, textObject(option.description, names)) : null));
  }));
}

function externalSelect(element, entry, described, change, suggest, many) {
  const least = element.min_query_length ?? 3;
  let chosen = many ? [...(entry.selected_options ?? [])] : entry.selected_option ?? null;
  const input = el("input", { type: "text", placeholder: element.placeholder?.text ?? "Skriv for å søke", spellcheck: "false", ...described });
  const chips = el("ul", { class: "chips", "aria-label": "Valgt" });
  const clear = el("button", { type: "button", class: "quiet clear", onclick: () => { chosen = null; input.value = ""; tell(); input.focus(); } }, "Tøm");

  function tell() {
    show();
    change(many ? { selected_options: chosen } : { selected_option: chosen });
  }

  function show() {
    if (!many) {
      clear.hidden = !chosen;
      return;
    }
    fill(chips, chosen.map((option) => el("li", {}, option.text.text, el("button", {
      type: "button", class: "quiet", "aria-label": `Fjern ${option.text.text}`,
      onclick: () => { chosen = chosen.filter((one) => !sameOption(one, option)); tell(); },
    }, "×"))));
    clear.hidden = true;
  }

  const offer = combobox(input, {
    look: (typed) => {
      const text = typed.trim();
      if (text.length < least) return text.length ? `Skriv minst ${least} tegn` : null;
      return suggest(text).then((found) => (found === null ? "Fikk ikke svar. Prøv igjen." : found.length ? found : "Ingen treff"));
    },
    choose: (option) => {
      if (many) { chosen = [...chosen.filter((one) => !sameOption(one, option.body)), option.body]; input.value = ""; }
      else { chosen = option.body; input.value = option.text; }
      tell();
    },
  });
  // What stands in the field must be what is chosen: a text that was changed after the choice is no choice.
  input.addEventListener("blur", () => { if (!many) input.value = chosen ? chosen.text.text : input.value; });
  input.addEventListener("input", () => {
    if (many || !chosen || input.value === chosen.text.text) return;
    chosen = null;
    clear.hidden = true;
    change({ selected_option: null }, { silent: true });
  });
  if (least === 0) input.addEventListener("focus", () => { if (!input.value) offer.search(); });
  if (!many && chosen) input.value = chosen.text.text;
  show();
  return el("div", { class: "combo" }, many ? chips : null, el("div", { class: "combo-line" }, input, clear), offer.list, offer.status);
}

function typed(element, entry, described, change, kind) {
  const initial = entry.value ?? "";
  const dispatches = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const attributes = {
    ...described,
    placeholder: element.placeholder?.text ?? "",
    value: initial,
    oninput: () => change({ value: control.value === "" ? null : control.value }, { silent: !dispatches.includes("on_character_entered") }),
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.isComposing || element.multiline) return;
      event.preventDefault();
      if (dispatches.includes("on_enter_pressed")) change({ value: control.value === "" ? null : control.value }, { entered: true });
    },
  };
  let control;
  if (kind === "plain_text_input" && element.multiline) control = el("textarea", { ...attributes, rows: 4 });
  else if (kind === "number_input") control = el("input", { ...attributes, type: "text", inputmode: element.is_decimal_allowed ? "decimal" : "numeric" });
  else if (kind === "email_text_input") control = el("input", { ...attributes, type: "email" });
  else if (kind === "url_text_input") control = el("input", { ...attributes, type: "url" });
  else control = el("input", { ...attributes, type: "text" });
  const most = element.max_length;
  if (!most) return control;
  const left = el("p", { class: "hint count" });
  const count = () => { left.textContent = `${control.value.length} av høyst ${most} tegn`; left.hidden = control.value.length < most * 0.8; };
  control.addEventListener("input", count);
  count();
  return el("div", {}, control, left);
}

const localMoment = (seconds) => {
  const at = new Date(seconds * 1000 - new Date(seconds * 1000).getTimezoneOffset() * 60000);
  return at.toISOString().slice(0, 16);
};

/**
 * The control for one element. `entry` is its value now, `described` the aria attributes,
 * `change(value, how)` takes a new one, `suggest(text)` asks for choices, `world` knows people and channels.
 */
export function field(element, entry, { described, change, suggest, world, names }) {
  const kind = element.type;
  const people = () => [{ options: world.people().map((p) => ({ text: p.name, body: p.id })) }];
  const channels = () => [{ options: world.channels().map((c) => ({ text: c.kind === "im" ? c.name : `#${c.name}`, body: c.id })) }];
  const date = (type, key) => {
    // A browser shows dates in its own language's order; the words beneath cannot be misread.
    const words = el("p", { class: "hint", "aria-live": "polite" });
    const input = el("input", { ...described, type, value: entry[key] ?? "", onchange: () => { tell(); change({ [key]: input.value || null }); } });
    const tell = () => { words.textContent = type === "date" && input.value ? new Date(`${input.value}T12:00`).toLocaleDateString("nb-NO", { weekday: "long", day: "numeric", month: "long", year: "numeric" }) : ""; };
    tell();
    return el("div", {}, input, words);
  };
  switch (kind) {
    case "static_select": return nativeSelect(element, entry.selected_option, described, (v) => change({ selected_option: v }), staticList(element));
    case "users_select": return nativeSelect(element, entry.selected_user, described, (v) => change({ selected_user: v }), people());
    case "channels_select": return nativeSelect(element, entry.selected_channel, described, (v) => change({ selected_channel: v }), channels());
    case "conversations_select": return nativeSelect(element, entry.selected_conversation, described, (v) => change({ selected_conversation: v }), channels());
    case "external_select": return externalSelect(element, entry, described, change, suggest, false);
    case "multi_external_select": return externalSelect(element, entry, described, change, suggest, true);
    case "radio_buttons": return choiceGroup(element, entry, described, change, names, false);
    case "checkboxes":
    case "multi_static_select": return choiceGroup(element, entry, described, change, names, true);
    case "multi_users_select":
    case "multi_channels_select":
    case "multi_conversations_select": {
      const key = { multi_users_select: "selected_users", multi_channels_select: "selected_channels" }[kind] ?? "selected_conversations";
      const all = (kind === "multi_users_select" ? people() : channels())[0].options;
      let chosen = [...(entry[key] ?? [])];
      return el("div", { class: "options", role: "group", ...described }, all.map((one) => {
        const input = el("input", { type: "checkbox", checked: chosen.includes(one.body), onchange: () => {
          chosen = input.checked ? [...chosen, one.body] : chosen.filter((c) => c !== one.body);
          change({ [key]: chosen });
        } });
        return el("label", { class: "option" }, input, el("span", {}, one.text));
      }));
    }
    case "datepicker": return date("date", "selected_date");
    case "timepicker": return date("time", "selected_time");
    case "datetimepicker": {
      const now = entry.selected_date_time;
      const input = el("input", { ...described, type: "datetime-local", value: now ? localMoment(now) : "",
        onchange: () => change({ selected_date_time: input.value ? Math.round(new Date(input.value).getTime() / 1000) : null }) });
      return input;
    }
    case "rich_text_input": {
      const input = el("textarea", { ...described, rows: 4, oninput: () => change({ rich_text_value: input.value
        ? { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: input.value }] }] } : null }, { silent: true }) });
      return input;
    }
    case "plain_text_input":
    case "number_input":
    case "email_text_input":
    case "url_text_input": return typed(element, entry, described, change, kind);
    default: return el("p", { class: "hint" }, `(${kind} kan ikke vises her)`);
  }
}
