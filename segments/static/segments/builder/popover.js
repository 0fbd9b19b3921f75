// What opens beside a button, one at a time: the search for a trait, and the menu of a part.

import { h } from "./dom.js";

let opened = null;

export function closePopover({ giveBackFocus = false } = {}) {
  if (!opened) return;
  const { anchor, box } = opened;
  opened = null;
  box.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (giveBackFocus) anchor.focus();
}

export function openPopover(anchor, content, properties = {}) {
  closePopover();
  const box = h("div", { class: "rule-popover", ...properties }, content);
  anchor.after(box);
  anchor.setAttribute("aria-expanded", "true");
  opened = { anchor, box };
  keepOnScreen(box);
  return box;
}

// What the bar with the buttons would cover goes up instead.
const BAR = 72;

function keepOnScreen(box) {
  const { left, right, top, bottom } = box.getBoundingClientRect();
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const move = right > width - 8 ? width - 8 - right : left < 8 ? 8 - left : 0;
  if (move) box.style.marginLeft = `${move}px`;
  if (bottom > height - BAR && top > height / 2) box.classList.add("is-above");
}

document.addEventListener("pointerdown", ({ target }) => {
  if (opened && !opened.box.contains(target) && !opened.anchor.contains(target)) closePopover();
});
document.addEventListener("focusin", ({ target }) => {
  if (opened && !opened.box.contains(target) && target !== opened.anchor) closePopover();
});
