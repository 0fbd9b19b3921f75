// Choosing what to ask about: by searching in words, or by walking through the list.

import { combobox } from "./combobox.js";
import { h } from "./dom.js";
import { closePopover, openPopover } from "./popover.js";

export function pickTrait(anchor, { catalog, texts, among, choose, typed = "" }) {
  const input = h("input", { type: "text", class: "plain-input", "aria-label": texts.searchTraits, placeholder: texts.searchTraits, value: typed });
  const { element, open } = combobox(input, {
    find: (text) => catalog.search(text, among),
    choose: ({ value }) => {
      closePopover();
      choose(catalog.trait(value));
    },
    first: true,
    none: texts.noTrait,
    onEscape: () => closePopover({ giveBackFocus: true }),
  });
  openPopover(anchor, element, { role: "dialog", "aria-label": texts.searchTraits });
  input.focus();
  input.setSelectionRange(typed.length, typed.length);
  open();
}

// The button that shows what is asked about; a letter typed on it begins the search.
export function traitButton({ trait, label, focus, ...picking }) {
  const shown = trait ? trait.label : (label ?? picking.texts.chooseTrait);
  const anchor = h(
    "button",
    {
      type: "button",
      class: "rule-trait",
      "data-focus": focus,
      "data-at": "trait",
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      title: trait?.group,
      onclick: () => pickTrait(anchor, picking),
      onkeydown: (event) => {
        const isLetter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
        if (!isLetter && event.key !== "ArrowDown") return;
        event.preventDefault();
        pickTrait(anchor, { ...picking, typed: isLetter ? event.key : "" });
      },
    },
    h("span", { class: "sr-only" }, `${picking.texts.askAbout} `),
    shown,
    h("span", { class: "material-symbols-outlined", "aria-hidden": "true" }, "expand_more"),
  );
  return h("span", { class: "rule-anchor" }, anchor);
}
