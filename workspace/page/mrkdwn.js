// Slack's mrkdwn to elements. Nothing here ever becomes HTML by itself.

import { el } from "./dom.js";

const EMOJI = {
  warning: "⚠️", white_check_mark: "✅", x: "❌", rotating_light: "🚨", pill: "💊", hospital: "🏥", package: "📦",
  bell: "🔔", no_bell: "🔕", calendar: "📅", eyes: "👀", memo: "📝", information_source: "ℹ️", question: "❓",
  exclamation: "❗", red_circle: "🔴", large_yellow_circle: "🟡", large_green_circle: "🟢", white_circle: "⚪",
  large_blue_circle: "🔵", arrow_right: "➡️", heavy_check_mark: "✔️", wave: "👋", hourglass: "⌛", link: "🔗",
};

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);

/** Only addresses that a browser may safely open. */
export function safeLink(url) {
  return /^(https?:|mailto:|tel:)/i.test(url) ? url : null;
}

/** A link that opens beside the page; an address we do not trust stays text. */
export function link(url, words) {
  const safe = safeLink(url);
  return safe ? el("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, words) : words;
}

function reference(inside, names) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith("@")) return el("span", { class: "mention" }, `@${names.person(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("#")) return el("span", { class: "mention" }, `#${names.channel(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("!subteam^")) return el("span", { class: "mention" }, `@${names.group(target.slice(9)) ?? label ?? target.slice(9)}`);
  if (target.startsWith("!date^")) return label ?? "";
  if (target.startsWith("!")) return el("span", { class: "mention" }, `@${label ?? target.slice(1)}`);
  return link(unescape(target), unescape(label ?? target.replace(/^mailto:/, "")));
}

const TOKENS = [
  { pattern: /```([\s\S]+?)```/, make: (inside) => el("pre", {}, unescape(inside.replace(/^\n/, ""))) },
  { pattern: /(?<![\w`])`([^`\n]+)`(?![\w`])/, make: (inside) => el("code", {}, unescape(inside)) },
  { pattern: /<([^<>\n]+)>/, make: (inside, names) => reference(inside, names) },
  { pattern: /(?<![\w*])\*(?=\S)([^*\n]*?\S)\*(?![\w*])/, make: (inside, names) => el("strong", {}, inline(inside, names)) },
  { pattern: /(?<![\w_])_(?=\S)([^_\n]*?\S)_(?![\w_])/, make: (inside, names) => el("em", {}, inline(inside, names)) },
  { pattern: /(?<![\w~])~(?=\S)([^~\n]*?\S)~(?![\w~])/, make: (inside, names) => el("s", {}, inline(inside, names)) },
];

function inline(text, names) {
  let first = null;
  for (const token of TOKENS) {
    const match = token.pattern.exec(text);
    if (match && (first === null || match.index < first.match.index)) first = { match, token };
  }
  if (first === null) return text ? [withEmoji(unescape(text))] : [];
  const { match, token } = first;
  return [
    ...inline(text.slice(0, match.index), names),
    token.make(match[1], names),
    ...inline(text.slice(match.index + match[0].length), names),
  ];
}

/** mrkdwn as a list of nodes; lines that begin with > become quotations. */
export function mrkdwn(text, names) {
  const nodes = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; ) {
    if (/^(&gt;|>)/.test(lines[i])) {
      const quoted = [];
      while (i < lines.length && /^(&gt;|>)/.test(lines[i])) quoted.push(lines[i++].replace(/^(&gt;|>) ?/, ""));
      nodes.push(el("blockquote", {}, inline(quoted.join("\n"), names)));
    } else {
      const plain = [];
      while (i < lines.length && !/^(&gt;|>)/.test(lines[i])) plain.push(lines[i++]);
      nodes.push(...inline(plain.join("\n") + (i < lines.length ? "\n" : ""), names));
    }
  }
  return nodes;
}

/** A text object (plain_text or mrkdwn) as nodes. */
export function textObject(object, names) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text, names) : [withEmoji(object.text)];
}

/** A rich_text block's elements as nodes. */
export function richText(elements, names) {
  return (elements ?? []).map((element) => {
    switch (element.type) {
      case "rich_text_section": return el("span", {}, richText(element.elements, names));
      case "rich_text_quote": return el("blockquote", {}, richText(element.elements, names));
      case "rich_text_preformatted": return el("pre", {}, richText(element.elements, names));
      case "rich_text_list":
        return el(element.style === "ordered" ? "ol" : "ul", {}, (element.elements ?? []).map((item) => el("li", {}, richText([item], names))));
      case "user": return el("span", { class: "mention" }, `@${names.person(element.user_id) ?? element.user_id}`);
      case "usergroup": return el("span", { class: "mention" }, `@${names.group(element.usergroup_id) ?? element.usergroup_id}`);
      case "channel": return el("span", { class: "mention" }, `#${names.channel(element.channel_id) ?? element.channel_id}`);
      case "broadcast": return el("span", { class: "mention" }, `@${element.range}`);
      case "link": return link(element.url, element.text ?? element.url);
      case "emoji": return EMOJI[element.name] ?? `:${element.name}:`;
      default: {
        let node = element.text ?? "";
        const style = element.style ?? {};
        if (style.code) node = el("code", {}, node);
        if (style.bold) node = el("strong", {}, node);
        if (style.italic) node = el("em", {}, node);
        if (style.strike) node = el("s", {}, node);
        return node;
      }
    }
  });
}
