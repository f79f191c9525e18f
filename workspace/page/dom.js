// Making elements: text is always text, never markup.

let counter = 0;

/** A new id for tying labels, hints and errors to fields. */
export const freshId = (word = "e") => `${word}-${(counter += 1)}`;

/** An element with attributes (`on…` are listeners, `class`, `data-…`) and children; null children are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (name === "checked") element.checked = Boolean(value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Put these children into the element in place of what was there. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined));
}

/** A time as people write it here: only the clock today, else day and clock. */
export function timeWords(iso) {
  const at = new Date(iso);
  const clock = at.toLocaleTimeString("nb-NO", { hour: "2-digit", minute: "2-digit" });
  if (at.toDateString() === new Date().toDateString()) return clock;
  return `${at.toLocaleDateString("nb-NO", { day: "numeric", month: "short" })} ${clock}`;
}

/** A size as people write it. */
export function sizeWords(bytes) {
  if (bytes < 1024) return `${bytes} byte`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1).replace(".", ",")} MB`;
}
