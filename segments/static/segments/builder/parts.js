// The parts of a rule on the page: groups, and the conditions in them.

import { emptyValue, withMeasure, withOperator, withTrait } from "./conditions.js";
import { button, h, icon, select } from "./dom.js";
import { valueInput } from "./inputs.js";
import { menuButton } from "./menu.js";
import { pickTrait, traitButton } from "./picker.js";
import { measureChoice, offers, thenRows, unknownSwitch, whereRows, windowRow } from "./refinements.js";
import { conditionsIn, isGroup, towards } from "./tree.js";
import { fill } from "./words.js";

// ``builder`` keeps the tree and does what is asked for; ``place`` is where the node stands in it.
export function part(builder, place, draw) {
  return isGroup(place.node) ? group(builder, place, draw) : condition(builder, place);
}

function group(builder, place, draw) {
  const { texts, catalog, tree } = builder;
  const { node, pointer, base, parent, depth } = place;
  const { limits, combinations } = catalog.settings;
  const key = `p${node.id}`;
  const isFull = conditionsIn(tree) >= limits.conditions;
  const isDeep = depth >= limits.levels;
  const choose = (code) => builder.change(() => { node.combination = code; }, { redraws: true });
  const adding = (asGroup) => (event) =>
    pickTrait(event.currentTarget, { catalog, texts, choose: (trait) => builder.add(node, trait, asGroup) });
  const add = (name, label, asGroup, refusal) =>
    h("span", { class: "rule-anchor" }, button(name, label, adding(asGroup), { "aria-haspopup": "dialog", "aria-expanded": "false", disabled: Boolean(refusal), title: refusal || null, focus: `${key}-add-${asGroup ? "group" : "condition"}` }));
  return card(
    builder,
    place,
    "rule-group",
    h(
      "div",
      { class: "rule-head rule-line" },
      ...before(builder, place),
      select(combinations.map(({ code, label }) => ({ value: code, label })), node.combination, choose, { class: "plain-input rule-combination", "aria-label": texts.combination, "data-focus": `${key}-combination` }),
      ...(parent ? after(builder, place) : [h("span", { class: "rule-end" }, count())]),
    ),
    h("div", { class: "rule-body" }, node.parts.map((child, index) => draw(child, `${pointer}/${index}`))),
    h(
      "div",
      { class: "rule-foot rule-parts" },
      add("add", texts.addCondition, false, isFull && texts.fullOfConditions),
      add("library_add", texts.addGroup, true, (isDeep && texts.deepEnough) || (isFull && texts.fullOfConditions)),
    ),
    base === pointer ? null : notes(),
  );
}

function condition(builder, place) {
  const { texts, catalog } = builder;
  const { node } = place;
  const { condition: said } = node;
  const trait = catalog.trait(said.trait);
  const key = `p${node.id}`;
  const set = (changed, { redraws = false, focus } = {}) => builder.change(() => { node.condition = changed; }, { redraws, focus, key: redraws ? null : key });
  const again = (changed) => set(changed, { redraws: true });
  const choose = (chosen) => set(withTrait(catalog, said, chosen), { redraws: true, focus: `${key}-trait` });
  const what = traitButton({ trait, label: said.trait, catalog, texts, choose, focus: `${key}-trait` });
  if (!trait) return card(builder, place, "rule-condition", h("div", { class: "rule-line" }, ...before(builder, place), what, ...after(builder, place)), notes());

  const asked = catalog.asked(said);
  const shape = catalog.shape(asked, said.operator);
  const current = () => node.condition;
  const suggest = (text, filter = "", code = said.trait) => builder.suggest({ trait: code, filter, q: text });
  const setMeasure = (told) => set(withMeasure(catalog, said, told), { redraws: true, focus: `${key}-measure` });
  const shared = { condition: said, trait, set, setMeasure, key, at: "", chain: 1, catalog, texts, suggest };
  const field = {
    asked, catalog, texts, key: `${key}-value`, at: "value", label: texts.value,
    value: said.value ?? emptyValue(shape, asked),
    set: (value, how) => set({ ...current(), value }, how),
    suggest: (text) => suggest(text, said.measure ? Object.values(said.measure)[0] : ""),
  };
  return card(
    builder,
    place,
    "rule-condition",
    h(
      "div",
      { class: "rule-line" },
      ...before(builder, place),
      h(
        "div",
        { class: "rule-parts rule-said" },
        what,
        measureChoice(shared),
        select(catalog.operators(asked), said.operator, (operator) => again(withOperator(catalog, said, operator)), { "aria-label": texts.compare, "data-focus": `${key}-operator`, "data-at": "operator" }),
        valueInput(shape, field),
        asked.type === "times" && shape === "one" ? h("span", {}, texts.times) : null,
      ),
      ...after(builder, place),
    ),
    windowRow(shared),
    whereRows(shared),
    thenRows(shared),
    h("div", { class: "rule-more" }, offers(shared), unknownSwitch(shared, h("span", { class: "rule-missing" }))),
    notes(),
  );
}

function card(builder, { node, pointer, parent, index }, kind, ...content) {
  const { texts } = builder;
  const name = builder.nameOf(node);
  const label = parent ? fill(texts.partOf, { name, place: index + 1, of: parent.parts.length }) : texts.rule;
  return h("div", { class: `rule-part ${kind}`, role: "group", "aria-label": label, "data-id": String(node.id), "data-pointer": pointer, "data-name": name }, ...content);
}

// What stands before a part: how it counts beside the one above, and what it is moved by.
function before(builder, { node, parent, index }) {
  if (!parent) return [];
  const { texts } = builder;
  const keys = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "into" };
  const move = (event) => {
    const direction = keys[event.key];
    if (!direction || !event.altKey) return;
    event.preventDefault();
    builder.moveTowards(node.id, direction);
  };
  const handle = h(
    "button",
    { type: "button", class: "rule-handle", title: texts.handle, "data-focus": `p${node.id}-handle`, onkeydown: move },
    icon("drag_indicator"),
    h("span", { class: "sr-only" }, `${texts.handle}: ${builder.nameOf(node)}`),
  );
  const glue = index ? { all: texts.and, any: texts.or, none: texts.nor }[parent.combination] : "";
  return [handle, glue ? h("span", { class: "rule-glue" }, glue) : null];
}

function after(builder, { node }) {
  const { texts, tree } = builder;
  const key = `p${node.id}`;
  const moving = (direction, name, keys) =>
    towards(tree, node.id, direction) && { icon: name, label: texts.moves[direction], keys, act: () => builder.moveTowards(node.id, direction, `${key}-menu`) };
  const items = () => [
    moving("up", "arrow_upward", "Alt+↑"),
    moving("down", "arrow_downward", "Alt+↓"),
    moving("into", "subdirectory_arrow_right", "Alt+→"),
    moving("out", "arrow_back", "Alt+←"),
    { icon: "content_copy", label: texts.duplicate, act: () => builder.duplicate(node.id) },
    { icon: "library_add", label: texts.wrap, act: () => builder.wrap(node.id) },
  ];
  return [
    h(
      "span",
      { class: "rule-end" },
      count(),
      menuButton(fill(texts.more, { name: builder.nameOf(node) }), items, `${key}-menu`),
      button("delete", fill(texts.remove, { name: builder.nameOf(node) }), () => builder.remove(node.id), { quiet: true, focus: `${key}-remove` }),
    ),
  ];
}

// Filled when the answer comes.
const count = () => h("span", { class: "rule-count" }, h("span", { class: "rule-number" }), h("span", { class: "rule-left" }), h("span", { class: "rule-bar", "aria-hidden": "true" }, h("span")));
const notes = () => h("div", { class: "rule-notes" });
