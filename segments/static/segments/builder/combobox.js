// A field with a list below it: typed into, walked through by arrows, chosen from by Enter or a
// click (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/).

import { h } from "./dom.js";

let lastList = 0;

// ``find(text)`` returns the options, or a promise of them, as { value, label, group }.
// ``first`` says whether Enter takes the first one; otherwise what was typed stands as it is.
export function combobox(input, { find, choose, first = false, none = "", onEscape }) {
  const id = `options-${++lastList}`;
  const list = h("ul", { role: "listbox", class: "rule-options", id, hidden: true, "aria-label": input.getAttribute("aria-label") });
  let options = [];
  let active = -1;
  let asked = 0;

  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": "false", autocomplete: "off" })) {
    input.setAttribute(name, value);
  }

  function close() {
    asked += 1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(place) {
    active = place;
    for (const item of list.querySelectorAll("[role=option]")) {
      const isActive = item.id === `${id}-${place}`;
      item.setAttribute("aria-selected", String(isActive));
      if (isActive) item.scrollIntoView({ block: "nearest" });
    }
    if (place >= 0) input.setAttribute("aria-activedescendant", `${id}-${place}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function take(option) {
    close();
    choose(option);
  }

  function item(option, place) {
    const heading = option.group && option.group !== options[place - 1]?.group ? h("li", { class: "rule-options-group", role: "presentation" }, option.group) : null;
    const chosen = h("li", { role: "option", id: `${id}-${place}`, "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => take(option) }, option.label);
    return [heading, chosen];
  }

  async function open() {
    const question = ++asked;
    const found = await find(input.value);
    // Typed on, or gone, since.
    if (question !== asked || !input.isConnected) return;
    options = found;
    const nothing = none && !found.length ? [h("li", { class: "rule-options-group", role: "presentation" }, none)] : [];
    list.replaceChildren(...found.flatMap(item).filter(Boolean), ...nothing);
    list.hidden = !list.children.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(first && found.length ? 0 : -1);
  }

  const KEYS = {
    ArrowDown: () => (list.hidden ? open() : mark(Math.min(active + 1, options.length - 1))),
    ArrowUp: () => !list.hidden && mark(Math.max(active - 1, first ? 0 : -1)),
    Enter: () => (!list.hidden && options[active] ? (take(options[active]), true) : false),
    Escape: () => (list.hidden ? onEscape?.() ?? false : (close(), onEscape?.(), true)),
  };

  input.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act) return;
    // An Enter that chooses nothing sends the form.
    if (act() !== false) event.preventDefault();
  });
  input.addEventListener("input", open);
  input.addEventListener("click", () => list.hidden && open());
  input.addEventListener("blur", close);
  return { element: h("span", { class: "rule-combobox" }, input, list), open, close };
}
