// Where a person writes: messages, commands with completion, and files.

import { combobox } from "./combobox.js";
import { el } from "./dom.js";

/** Commands and sub-commands that fit what stands in the field; null when it is no command. */
export function completions(text, commands) {
  if (!text.startsWith("/") || text.includes("\n")) return null;
  const space = text.indexOf(" ");
  if (space < 0) {
    const fits = commands.filter((c) => c.name.startsWith(text));
    return fits.length ? fits.map((c) => ({ text: c.name, description: c.description, line: `${c.name} ` })) : "Ukjent kommando";
  }
  const name = text.slice(0, space);
  const typed = text.slice(space + 1).toLowerCase();
  const command = commands.find((c) => c.name === name);
  const words = (command?.words ?? []).filter(([word]) => word.toLowerCase().startsWith(typed) && word.toLowerCase() !== typed);
  return words.length
    ? words.map(([word, what]) => ({ text: `${name} ${word}`, description: what, line: `${name} ${word.replace(/\s*[[<‹].*$/, "")} ` }))
    : null;
}

/**
 * The composer. `send(text)` and `share(file, text)` give true when they went well;
 * `commands()` is what may be typed, empty in threads.
 */
export function composer({ label, placeholder, commands, send, share }) {
  const input = el("textarea", { rows: 1, "aria-label": label, placeholder, enterkeyhint: "send" });
  const button = el("button", { type: "submit", class: "button primary" }, "Send");
  const picker = el("input", { type: "file", class: "sr", tabindex: "-1", "aria-hidden": "true", onchange: () => choose(picker.files[0]) });
  const attach = el("button", { type: "button", class: "button", onclick: () => picker.click() }, "Legg ved fil");
  const chosen = el("p", { class: "attached", hidden: true });
  let file = null;
  let sending = false;

  const offer = combobox(input, {
    look: () => completions(input.value, commands()),
    choose: (option) => {
      input.value = option.line;
      input.focus();
      offer.search();
      fit();
    },
    pause: 0,
    above: true,
    // Enter sends what is written; only an unfinished command's name is completed by it.
    auto: () => !input.value.includes(" ") && !commands().some((c) => c.name === input.value),
  });

  function choose(given) {
    file = given ?? null;
    chosen.hidden = !file;
    chosen.replaceChildren(...(file ? [`Vedlegg: ${file.name} `, el("button", { type: "button", class: "quiet", onclick: () => { picker.value = ""; choose(null); input.focus(); } }, "Fjern")] : []));
    if (file) input.focus();
  }

  function fit() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight + 2, 180)}px`;
  }

  async function go() {
    const text = input.value.trim();
    if (sending || (!text && !file)) return;
    sending = true;
    button.setAttribute("aria-busy", "true");
    offer.close();
    const before = input.value;
    const sent = file;
    input.value = "";
    fit();
    const well = sent ? await share(sent, text) : await send(text);
    if (!well && !input.value) input.value = before;
    if (well && sent) { picker.value = ""; choose(null); }
    sending = false;
    button.removeAttribute("aria-busy");
  }

  input.addEventListener("input", fit);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !event.defaultPrevented) { event.preventDefault(); go(); }
  });
  const form = el("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); go(); } },
    chosen, offer.list, offer.status, el("div", { class: "composer-line" }, input, el("div", { class: "composer-buttons" }, attach, picker, button)));
  return { form, input, choose };
}
