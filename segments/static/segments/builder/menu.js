// What may be done to a part of the rule, in a menu that arrows walk through.

import { h, icon } from "./dom.js";
import { closePopover, openPopover } from "./popover.js";

// ``items`` are { icon, label, keys, act } or null for what cannot be done here.
export function menuButton(label, items, focus) {
  const anchor = h(
    "button",
    { type: "button", class: "rule-button is-quiet", title: label, "aria-haspopup": "menu", "aria-expanded": "false", "data-focus": focus, onclick: () => open(anchor, label, items()) },
    icon("more_vert"),
    h("span", { class: "sr-only" }, label),
  );
  return h("span", { class: "rule-anchor" }, anchor);
}

function open(anchor, label, items) {
  const buttons = items.filter(Boolean).map(({ icon: name, label: said, keys, act }) =>
    h(
      "button",
      { type: "button", role: "menuitem", tabindex: "-1", onclick: () => { closePopover({ giveBackFocus: true }); act(); } },
      icon(name),
      h("span", {}, said),
      keys ? h("kbd", {}, keys) : null,
    ),
  );
  const menu = h("div", { role: "menu", class: "rule-menu", "aria-label": label, onkeydown: (event) => walk(event, buttons) }, ...buttons);
  openPopover(anchor, menu);
  buttons[0]?.focus();
}

function walk(event, buttons) {
  const place = buttons.indexOf(document.activeElement);
  const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Escape") closePopover({ giveBackFocus: true });
  else if (to !== undefined) buttons.at(to % buttons.length).focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
