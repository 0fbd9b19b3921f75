// Keeps the rule, draws it, and asks the server what it means. The server alone knows that: here
// is only what is built.

import { Column, cardAt, showCounts, showNotes } from "./answer.js";
import { Asking, suggestions } from "./asking.js";
import { Catalog } from "./catalog.js";
import { newCondition } from "./conditions.js";
import { focusOn, redraw } from "./dom.js";
import { dragging } from "./dragging.js";
import { History } from "./history.js";
import { part } from "./parts.js";
import { canMove, duplicate, find, isGroup, move, newGroup, newLeaf, read, remove, towards, walk, wrap, write } from "./tree.js";
import { counted, fill } from "./words.js";

const WAIT = 200;

export class Builder {
  constructor(element, settings) {
    const form = element.closest("form");
    const csrf = form.querySelector("[name=csrfmiddlewaretoken]").value;
    this.texts = settings.texts;
    this.settings = settings;
    this.catalog = new Catalog(settings);
    this.root = element.querySelector(".rule-tree");
    this.field = element.querySelector("[name=rule]");
    this.live = element.querySelector(".rule-live");
    this.purpose = form.querySelector("#id_purpose");
    this.column = new Column(element.querySelector(".builder-answer"), this.texts);
    this.totalling = new Asking(settings.urls.total, { csrf, wait: WAIT });
    this.checking = new Asking(settings.urls.check, { csrf, wait: WAIT });
    this.looking = new Asking(settings.urls.look, { csrf });
    this.reaching = new Asking(settings.urls.rule_reach, { csrf });
    this.tools = { undo: element.querySelector("[data-tool=undo]"), redo: element.querySelector("[data-tool=redo]") };
    this.tree = start(this.field.value);
    this.history = new History(this.tree);
    this.listen(element);
    this.draw();
    this.ask();
  }

  listen(element) {
    this.purpose?.addEventListener("change", () => this.ask());
    this.tools.undo.addEventListener("click", () => this.goTo(this.history.undo(), this.texts.undone));
    this.tools.redo.addEventListener("click", () => this.goTo(this.history.redo(), this.texts.redone));
    element.addEventListener("keydown", (event) => this.shortcut(event));
    dragging(this.root, {
      tree: () => this.tree,
      mostLevels: this.settings.limits.levels,
      drop: (id, { into, place }) => this.moveTo(id, into, place, `p${id}-handle`),
    });
  }

  // In a field the browser takes back what was typed.
  shortcut(event) {
    const key = event.key.toLowerCase();
    const isTyping = event.target.matches("input:not([type=checkbox])");
    if (isTyping || !(event.ctrlKey || event.metaKey) || !["z", "y"].includes(key)) return;
    event.preventDefault();
    this.tools[key === "y" || event.shiftKey ? "redo" : "undo"].click();
  }

  // Changes

  // ``key`` names what is being typed into: its letters are one step of the history.
  change(act, { redraws = false, key = null, focus = "", say = "" } = {}) {
    act();
    this.history.keep(this.tree, key);
    this.show({ redraws, focus, say });
  }

  goTo(tree, say) {
    if (!tree) return;
    this.tree = tree;
    this.show({ redraws: true, say });
  }

  show({ redraws, focus, say }) {
    if (redraws) this.draw(focus);
    this.keep();
    if (say) this.live.textContent = say;
    this.ask();
  }

  add(group, trait, asGroup) {
    const leaf = newLeaf(newCondition(this.catalog, trait));
    const added = asGroup ? newGroup(group.combination === "any" ? "all" : "any", [leaf]) : leaf;
    this.change(() => group.parts.push(added), { redraws: true, focus: `p${leaf.id}-operator`, say: fill(this.texts.added, { name: trait.label }) });
  }

  remove(id) {
    const { node, parent, index } = find(this.tree, id);
    const next = parent.parts[index + 1] ?? parent.parts[index - 1] ?? parent;
    const focus = isGroup(next) ? `p${next.id}-combination` : `p${next.id}-trait`;
    this.change(() => remove(this.tree, id), { redraws: true, focus, say: fill(this.texts.removed, { name: this.nameOf(node) }) });
  }

  duplicate(id) {
    const twin = duplicate(this.tree, id);
    this.change(() => {}, { redraws: true, focus: `p${twin.id}-${isGroup(twin) ? "combination" : "trait"}` });
  }

  wrap(id) {
    const group = wrap(this.tree, id);
    this.change(() => {}, { redraws: true, focus: `p${group.id}-combination` });
  }

  moveTowards(id, direction, focus = `p${id}-handle`) {
    const to = towards(this.tree, id, direction);
    if (to) this.moveTo(id, to.into, to.place, focus);
  }

  moveTo(id, into, place, focus) {
    if (!canMove(this.tree, id, into, this.settings.limits.levels)) return;
    this.change(() => move(this.tree, id, into, place), { redraws: true, focus });
    const { node, parent, index } = find(this.tree, id);
    this.live.textContent = fill(this.texts.moved, { name: this.nameOf(node), place: index + 1, of: parent.parts.length });
  }

  nameOf(node) {
    if (!isGroup(node)) return this.catalog.trait(node.condition.trait)?.label ?? node.condition.trait ?? "";
    return this.settings.combinations.find(({ code }) => code === node.combination).label;
  }

  // The page

  draw(focus = "") {
    const places = new Map([...walk(this.tree)].map((place) => [place.node.id, place]));
    const one = (node) => part(this, places.get(node.id), one);
    redraw(this.root, one(this.tree));
    if (focus) focusOn(this.root, focus);
    this.tools.undo.disabled = !this.history.past.length;
    this.tools.redo.disabled = !this.history.future.length;
    this.showAnswer();
  }

  keep() {
    this.field.value = JSON.stringify(write(this.tree));
    this.tools.undo.disabled = !this.history.past.length;
    this.tools.redo.disabled = !this.history.future.length;
  }

  jump(pointer) {
    const card = cardAt(this.root, pointer);
    card?.scrollIntoView({ block: "center", behavior: "smooth" });
    card?.querySelector(".rule-trait, .rule-combination, button")?.focus({ preventScroll: true });
  }

  // The answer

  async ask() {
    const body = { rule: write(this.tree), purpose: this.purpose?.value, segment: this.settings.segment };
    this.keep();
    this.column.isStale(true);
    this.looking.stop();
    this.reaching.stop();
    this.total(body);
    try {
      const told = await this.checking.ask(body);
      if (!told) return;
      this.take(told);
      if (told.wrong) return;
      const people = await this.looking.ask(body);
      if (!people) return;
      if (!people.wrong) this.column.showPeople(people);
      const reach = await this.reaching.ask(body);
      if (reach) this.column.showReach(reach.wrong ? null : reach);
    } catch {
      this.column.showWrong(this.texts.failed);
    }
  }

  // The total alone is there sooner than what every part comes to; what is wrong, the check says.
  async total(body) {
    const told = await this.totalling.ask(body).catch(() => null);
    if (told && !told.wrong) this.column.showTotal(told.total);
  }

  take(told) {
    this.wrong = told.wrong ?? null;
    this.column.isStale(Boolean(this.wrong));
    this.column.showWrong(this.wrong && (this.wrong.pointer ? this.texts.incomplete : this.wrong.message));
    if (!this.wrong) {
      this.told = told;
      const named = told.findings.map((finding) => ({ ...finding, name: finding.pointer && cardAt(this.root, finding.pointer)?.dataset.name }));
      this.column.showCounted({ ...told, findings: named }, (pointer) => this.jump(pointer));
      this.live.textContent = counted(told.total, this.texts.people);
    }
    this.showAnswer();
  }

  showAnswer() {
    const unknown = { counts: {}, left: {}, missing: {}, everybody: 0, findings: [] };
    const told = this.wrong ? unknown : this.told ?? unknown;
    showCounts(this.root, told, this.texts);
    showNotes(this.root, this.wrong ? [{ ...this.wrong, isWrong: true }] : told.findings.filter(({ pointer }) => pointer));
  }

  suggest(query) {
    this.suggesting?.abort();
    this.suggesting = new AbortController();
    return suggestions(this.settings.urls.values, query, this.suggesting.signal);
  }
}

// Whatever came, the outermost part is a group.
function start(text) {
  const rule = JSON.parse(text || "null");
  const tree = read(rule ?? { all: [] });
  return isGroup(tree) ? tree : newGroup("all", [tree]);
}
