// Parts are dragged by their handle to another place, by mouse, pen or finger.

import { h } from "./dom.js";
import { canMove, find } from "./tree.js";

const STARTS_AFTER = 5;
// The bar with the buttons covers the lower end of the page.
const EDGE = 100;

// ``tree()`` returns the tree as it is, ``drop(id, { into, place })`` moves a part.
export function dragging(root, { tree, drop, mostLevels }) {
  let drag = null;
  const line = h("div", { class: "rule-drop" });

  root.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest(".rule-handle");
    if (!handle || event.button !== 0) return;
    const card = handle.closest("[data-id]");
    drag = { card, id: Number(card.dataset.id), x: event.clientX, y: event.clientY, target: null, ghost: null };
    handle.setPointerCapture(event.pointerId);
  });
  root.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const moved = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
    if (!drag.ghost && moved < STARTS_AFTER) return;
    event.preventDefault();
    if (!drag.ghost) lift();
    follow(event);
  });
  root.addEventListener("pointerup", () => {
    const { id, target } = drag ?? {};
    end();
    if (target) drop(id, target);
  });
  root.addEventListener("pointercancel", end);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag) end();
  });

  function lift() {
    const name = drag.card.querySelector(".rule-trait, .rule-combination")?.textContent ?? "";
    drag.ghost = h("div", { class: "rule-ghost", "aria-hidden": "true" }, drag.card.dataset.name || name);
    document.body.append(drag.ghost);
    drag.card.classList.add("is-dragged");
  }

  function follow({ clientX, clientY }) {
    drag.ghost.style.transform = `translate(${clientX + 12}px, ${clientY + 8}px)`;
    if (clientY < EDGE) window.scrollBy(0, -12);
    else if (clientY > window.innerHeight - EDGE) window.scrollBy(0, 12);
    drag.target = placeAt(clientX, clientY);
    show(drag.target);
  }

  // The place under the pointer that would take the part, or null.
  function placeAt(x, y) {
    const under = document.elementFromPoint(x, y)?.closest("[data-id]");
    if (!under || !root.contains(under) || drag.card.contains(under)) return null;
    const here = find(tree(), Number(under.dataset.id));
    const target = under.classList.contains("rule-group") ? inGroup(here, under, y) : beside(here, under, y);
    return target && canMove(tree(), drag.id, target.into, mostLevels) ? target : null;
  }

  function beside({ parent, index }, card, y) {
    const { top, height } = card.getBoundingClientRect();
    return { into: parent.id, place: y < top + height / 2 ? index : index + 1 };
  }

  // Above a group's name is before the group, elsewhere is inside it.
  function inGroup({ node, parent, index }, card, y) {
    const head = card.querySelector(":scope > .rule-head").getBoundingClientRect();
    if (parent && y < head.top + head.height / 3) return { into: parent.id, place: index };
    const parts = [...card.querySelector(":scope > .rule-body").children].filter((child) => child.dataset.id);
    const before = parts.findIndex((child) => y < child.getBoundingClientRect().top + child.offsetHeight / 2);
    return { into: node.id, place: before < 0 ? node.parts.length : before };
  }

  function show(target) {
    line.remove();
    if (!target) return;
    const body = root.querySelector(`[data-id="${target.into}"] > .rule-body`);
    const parts = [...body.children].filter((child) => child.dataset.id);
    body.insertBefore(line, parts[target.place] ?? null);
  }

  function end() {
    if (!drag) return;
    drag.ghost?.remove();
    drag.card.classList.remove("is-dragged");
    line.remove();
    drag = null;
  }
}
