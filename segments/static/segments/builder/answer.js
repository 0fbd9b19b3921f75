// What the server says of the rule: beside every part, and in the column on the side.

import { h, icon } from "./dom.js";
import { counted, fill, formOf, number } from "./words.js";

const ICONS = { never: "block", nobody: "person_off", always: "all_inclusive", everybody: "groups", needless: "low_priority", twin: "content_copy", sensitive: "shield_person" };
const GRAVE = ["never", "nobody"];

// Counts beside the parts

export function showCounts(root, told, texts) {
  for (const card of root.querySelectorAll("[data-pointer]")) {
    const { pointer } = card.dataset;
    const end = card.querySelector(":scope > .rule-line > .rule-end");
    end?.querySelector(".rule-number").replaceChildren(countOf(told.counts[pointer], texts));
    end?.querySelector(".rule-left").replaceChildren(pointer in told.left ? fill(texts.left, { count: number(told.left[pointer]) }) : "");
    const bar = end?.querySelector(".rule-bar > span");
    if (bar) bar.style.width = `${share(told.left[pointer] ?? told.counts[pointer], told.everybody)}%`;
    const missing = card.querySelector(":scope > .rule-more .rule-missing");
    missing?.replaceChildren(`(${pointer in told.missing ? number(told.missing[pointer]) : "…"})`);
  }
}

const countOf = (count, texts) => (count === undefined ? "…" : counted(count, texts.people));
const share = (count = 0, all = 0) => (all ? Math.min(100, (100 * count) / all) : 0);

// Notes beside the parts: what is wrong, or odd

export function showNotes(root, notes) {
  for (const place of root.querySelectorAll(".rule-notes")) place.replaceChildren();
  for (const marked of root.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  for (const note of notes) {
    const card = cardAt(root, note.pointer);
    if (!card) continue;
    const rest = note.pointer.slice(card.dataset.pointer.length + 1);
    if (note.isWrong) fieldAt(card, rest)?.setAttribute("aria-invalid", "true");
    card.querySelector(":scope > .rule-notes")?.append(shown(note));
  }
}

const shown = ({ flaw, message, isWrong }) =>
  h("p", { class: `rule-note${isWrong || GRAVE.includes(flaw) ? " is-grave" : ""}`, role: isWrong ? "alert" : null }, icon(isWrong ? "error" : ICONS[flaw] ?? "info"), h("span", {}, message));

// The part that a pointer leads to, or into.
export function cardAt(root, pointer) {
  const cards = [...root.querySelectorAll("[data-pointer]")].filter(({ dataset }) => pointer === dataset.pointer || pointer.startsWith(`${dataset.pointer}/`));
  const inside = cards.sort((one, other) => other.dataset.pointer.length - one.dataset.pointer.length)[0];
  // What is said of a group itself points before its "all".
  return inside ?? root.querySelector("[data-pointer]");
}

function fieldAt(card, place) {
  const steps = place.split("/");
  for (let length = steps.length; length; length -= 1) {
    const found = card.querySelector(`[data-at="${CSS.escape(steps.slice(0, length).join("/"))}"]`);
    if (found) return found;
  }
  return null;
}

// The column on the side

export class Column {
  constructor(element, texts) {
    Object.assign(this, { element, texts });
    this.total = element.querySelector("#builder-total");
    this.noun = element.querySelector(".builder-noun");
    this.short = document.querySelector(".builder-short");
    this.parts = Object.fromEntries([...element.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  }

  put(name, ...content) {
    const kept = content.flat().filter(Boolean);
    this.parts[name].replaceChildren(...kept);
    this.parts[name].hidden = !kept.length;
  }

  isStale(stale) {
    this.element.classList.toggle("is-stale", stale);
    if (stale) this.total.classList.remove("is-known");
    this.element.setAttribute("aria-busy", String(stale));
  }

  showWrong(message) {
    this.put("trouble", message ? h("p", { class: "rule-note is-grave" }, icon("error"), h("span", {}, message)) : null);
  }

  showCounted(told, jump) {
    const { texts } = this;
    this.showTotal(told.total);
    this.put("of", fill(texts.ofEverybody, { share: percent(told.total, told.everybody), everybody: number(told.everybody) }));
    this.put("sentence", told.sentence);
    this.put("heldBack", told.held_back === "0" ? null : fill(texts.heldBack, { count: told.held_back }));
    this.put("findings", told.findings.length ? h("ul", {}, ...told.findings.map((finding) => h("li", {}, this.finding(finding, jump)))) : null);
  }

  showTotal(total) {
    this.total.replaceChildren(number(total));
    this.total.classList.add("is-known");
    this.noun.replaceChildren(fill(formOf(total, this.texts.people), { count: "" }).trim());
    this.short.replaceChildren(counted(total, this.texts.people));
  }

  finding({ flaw, message, pointer, name }, jump) {
    const where = pointer ? h("button", { type: "button", class: "link-button", onclick: () => jump(pointer) }, this.texts.show) : null;
    return h("p", { class: `rule-note${GRAVE.includes(flaw) ? " is-grave" : ""}` }, icon(ICONS[flaw] ?? "info"), h("span", {}, name ? h("strong", {}, `${name}: `) : null, `${message} `, where));
  }

  showPeople(told) {
    const { texts } = this;
    this.put("changes", told.changes && heading(texts.changes), told.changes && this.changes(told.changes));
    this.put("meter", told.meter.length ? heading(texts.meter) : null, ...told.meter.map((one) => meter(one, texts)));
    this.put("sample", told.sample.length ? heading(texts.sample) : null, told.sample.length ? people(told.sample) : null);
  }

  showReach(reach) {
    this.put("reach", reach && h("p", {}, counted(reach.allowed, this.texts.reach)), reach?.losses.length ? losses(reach.losses) : null);
  }

  changes({ entering, leaving }) {
    if (!entering.count && !leaving.count) return h("p", {}, this.texts.noChanges);
    const side = ({ count, some }, name, forms) =>
      count ? h("div", { class: `rule-change is-${name}` }, h("p", {}, icon(name === "entering" ? "login" : "logout"), counted(count, forms)), people(some)) : null;
    return [side(entering, "entering", this.texts.entering), side(leaving, "leaving", this.texts.leaving)].filter(Boolean);
  }
}

const percent = (part, all) => new Intl.NumberFormat(document.documentElement.lang || "en", { style: "percent", maximumFractionDigits: part && part / all < 0.1 ? 1 : 0 }).format(all ? part / all : 0);
const heading = (text) => h("h3", { class: "font-semibold mb-1" }, text);
const people = (some) => h("ul", { class: "rule-people" }, ...some.map(({ name, city, url }) => h("li", {}, h("a", { class: "link", target: "_blank", href: url }, name), city ? `, ${city}` : "")));
const losses = (lines) => h("dl", { class: "builder-reach" }, ...lines.map(({ label, people: count }) => h("div", {}, h("dt", {}, label), h("dd", { class: "amount" }, count))));

function meter({ label, allowed, people: all }, texts) {
  const text = fill(texts.meterLine, { label, allowed: number(allowed), people: number(all) });
  return h("div", { class: "rule-meter" }, h("p", {}, text), h("span", { class: "rule-bar", "aria-hidden": "true" }, h("span", { style: `width:${share(allowed, all)}%` })));
}
