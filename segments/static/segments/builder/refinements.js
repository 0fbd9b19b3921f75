// What narrows a condition down: when, where, and what followed.

import { WINDOWS, emptyValue, measureOf, narrowings, newHappening, offersUnknown, tidy, toWhere, windowKind } from "./conditions.js";
import { button, h, select } from "./dom.js";
import { period, valueInput } from "./inputs.js";
import { pickTrait, traitButton } from "./picker.js";

// Every function here takes a ``part``: { condition, trait, set, key, at, chain, catalog, texts,
// suggest }, where ``set(condition, how)`` keeps the changed condition and ``chain`` says how many
// things have followed each other so far.

const measured = (trait) =>
  trait.details.flatMap((detail) => detail.measures.map(({ code, label }) => ({ value: `${code}:${detail.code}`, label })));

// What is compared instead of how often.
export function measureChoice({ condition, trait, setMeasure, key, texts }) {
  if (!condition.measure) return null;
  return select([...measured(trait), { value: "", label: texts.howOften }], measureOf(condition), setMeasure, {
    "aria-label": texts.measure, "data-focus": `${key}-measure`, "data-at": "measure",
  });
}

export function unknownSwitch(part, missing) {
  const { condition, set, catalog, key, texts } = part;
  if (!offersUnknown(catalog, condition)) return null;
  const flip = (event) => set(tidy({ ...condition, unknown: event.target.checked || undefined }));
  return h(
    "label",
    { class: "rule-unknown" },
    h("input", { type: "checkbox", checked: Boolean(condition.unknown), onchange: flip, "data-focus": `${key}-unknown`, "data-at": "unknown" }),
    h("span", {}, `${texts.unknown} `, missing),
  );
}

// When

export function windowRow(part) {
  const { condition, trait, set, key, catalog, texts } = part;
  if (!trait.hasWindow || !condition.window) return null;
  const kind = windowKind(condition.window);
  const change = (window, how) => set(tidy({ ...condition, window }), how);
  const kinds = Object.keys(WINDOWS).map((code) => ({ value: code, label: texts.windows[code] }));
  const choose = (code) => change(WINDOWS[code](catalog.happenings[0]), { redraws: true });
  return row(
    texts.when,
    select(kinds, kind, choose, { "aria-label": texts.when, "data-focus": `${key}-window` }),
    WINDOW_FIELDS[kind]({ ...part, window: condition.window, change }),
  );
}

const WINDOW_FIELDS = {
  ever: () => null,
  last: ({ window, change, key, at, ...part }) =>
    period({ ...part, value: window, set: change, key: `${key}-last`, at: `${at}window`, label: part.texts.windows.last }),
  dates: ({ window, change, key, at, texts }) => {
    const days = { from: window.from ?? "", until: window.until ?? "" };
    const end = (name, label) =>
      h("input", {
        type: "date", class: "plain-input", value: days[name], "aria-label": label, "data-focus": `${key}-${name}`, "data-at": `${at}window/${name}`,
        oninput: (event) => { days[name] = event.target.value; change({ ...days }); },
      });
    return h("span", { class: "rule-parts" }, end("from", texts.from), h("span", {}, texts.until), end("until", texts.to));
  },
  ago: ({ window, change, key, at, texts }) => {
    const ends = [...window.days_ago];
    const end = (place, label) =>
      h("input", {
        type: "number", min: "0", class: "plain-input", value: String(ends[place]), "aria-label": label, "data-focus": `${key}-ago-${place}`, "data-at": `${at}window/days_ago/${place}`,
        oninput: (event) => { ends[place] = event.target.value === "" ? "" : Number(event.target.value); change({ days_ago: [...ends] }); },
      });
    return h("span", { class: "rule-parts" }, end(0, texts.longerAgo), h("span", {}, texts.and), end(1, texts.shorterAgo), h("span", {}, texts.daysAgo));
  },
  since: ({ window, change, key, at, ...part }) =>
    happening({ ...part, condition: window.since, set: (since, how) => change({ since }, how), key: `${key}-since`, at: `${at}window/since/` }),
};

// Where

export function whereRows(part) {
  const { condition, trait, set, catalog, texts } = part;
  const told = narrowings(condition.where);
  const keep = (list, how) => set(tidy({ ...condition, where: toWhere(list) }), how);
  return told.map((one, place) => {
    const detail = catalog.detail(trait, one.name);
    const change = (changed, how) => keep(told.map((old, index) => (index === place ? { ...old, ...changed } : old)), how);
    const free = trait.details.filter((other) => other.code === one.name || !told.some(({ name }) => name === other.code));
    return row(
      place ? texts.and : texts.where,
      select(free.map(({ code, label }) => ({ value: code, label })), one.name, (name) => keep(told.map((old, index) => (index === place ? started(catalog, catalog.detail(trait, name)) : old)), { redraws: true }), {
        "aria-label": texts.detail, "data-focus": `${part.key}-where-${place}`, "data-at": `${part.at}where/${one.name}`,
      }),
      ...(detail ? compared({ ...part, detail, one, change, place }) : []),
      button("close", texts.removeWhere, () => keep(told.filter((_one, index) => index !== place), { redraws: true }), { quiet: true }),
    );
  });
}

function compared({ catalog, texts, detail, one, change, place, key, at, suggest }) {
  const shape = catalog.shape(detail, one.operator);
  const compare = (operator) => {
    const next = catalog.shape(detail, operator);
    change({ operator, value: next === shape ? one.value : emptyValue(next, detail) }, { redraws: true });
  };
  const field = {
    asked: detail, catalog, texts, value: one.value, key: `${key}-where-${place}-value`, at: `${at}where/${one.name}`, label: detail.label,
    set: (value, how) => change({ value }, how), suggest: (text) => suggest(text, detail.code),
  };
  return [
    select(catalog.operators(detail), one.operator, compare, { "aria-label": texts.compare, "data-focus": `${key}-where-${place}-operator` }),
    valueInput(shape, field),
  ];
}

function started(catalog, detail) {
  const operator = detail.operators[0];
  return { name: detail.code, operator, value: emptyValue(catalog.shape(detail, operator), detail) };
}

// Then

export function thenRows(part) {
  const { condition, set, key, at, texts, ...others } = part;
  const { then } = condition;
  if (!then) return [];
  const change = (changed, how) => set({ ...condition, then: changed }, how);
  const didOrNot = [{ value: "did", label: texts.andThen }, { value: "did_not", label: texts.andThenNot }];
  const within = period(
    { ...others, texts, value: then.within, key: `${key}-within`, at: `${at}then/within`, label: texts.within, set: (value, how) => change({ ...then, within: value }, how) },
    { units: ["days"] },
  );
  return [
    row(
      null,
      select(didOrNot, then.operator ?? "did", (operator) => change({ ...then, operator }), { "aria-label": texts.sequence, "data-focus": `${key}-then` }),
      happening({ ...others, texts, condition: then, set: change, key: `${key}-then`, at: `${at}then/` }),
      h("span", { class: "rule-parts" }, h("span", {}, texts.within), within),
      button("close", texts.removeThen, () => set(tidy({ ...condition, then: undefined }), { redraws: true }), { quiet: true }),
    ),
  ];
}

// Something that happened along the way, with its own where and then.
function happening(part) {
  const { condition, set, key, at, catalog, texts } = part;
  const trait = catalog.trait(condition.trait);
  const inner = { ...part, trait, chain: part.chain + 1, suggest: (text, detail) => part.suggest(text, detail, trait?.code) };
  const choose = (chosen) => set(tidy({ ...condition, trait: chosen.code, where: undefined }), { redraws: true, focus: `${key}-trait` });
  return h(
    "div",
    { class: "rule-happening" },
    traitButton({ trait, catalog, texts, among: catalog.happenings, choose, focus: `${key}-trait` }),
    trait ? whereRows(inner) : null,
    trait ? thenRows(inner) : null,
    trait ? offers(inner, { when: false }) : null,
  );
}

// The buttons that add a refinement.
export function offers(part, { when = true } = {}) {
  const { condition, trait, set, key, catalog, texts } = part;
  const told = narrowings(condition.where);
  const free = trait.details.find((detail) => !told.some(({ name }) => name === detail.code));
  const addWhere = () => set({ ...condition, where: toWhere([...told, started(catalog, free)]) }, { redraws: true, focus: `${key}-where-${told.length}` });
  const addWhen = () => set({ ...condition, window: WINDOWS.last() }, { redraws: true, focus: `${key}-last` });
  const addThen = (event) =>
    pickTrait(event.currentTarget, {
      catalog, texts, among: catalog.happenings,
      choose: (chosen) => set({ ...condition, then: { ...newHappening(chosen), operator: "did", within: { days: 7 } } }, { redraws: true, focus: `${key}-then` }),
    });
  const addMeasure = () => part.setMeasure(measured(trait)[0].value);
  const offered = [
    when && trait.hasWindow && !condition.window ? button("schedule", texts.addWhen, addWhen, { class: "rule-offer", focus: `${key}-add-when` }) : null,
    when && !condition.measure && measured(trait).length ? button("functions", texts.addMeasure, addMeasure, { class: "rule-offer", focus: `${key}-add-measure` }) : null,
    free ? button("filter_alt", texts.addWhere, addWhere, { class: "rule-offer", focus: `${key}-add-where` }) : null,
    trait.canFollow && !condition.then && part.chain < catalog.settings.limits.chain ? h("span", { class: "rule-anchor" }, button("east", texts.addThen, addThen, { class: "rule-offer", focus: `${key}-add-then`, "aria-haspopup": "dialog" })) : null,
  ].filter(Boolean);
  return offered.length ? h("span", { class: "rule-offers" }, ...offered) : null;
}

const row = (label, ...content) => h("div", { class: "rule-refinement rule-parts" }, label ? h("span", { class: "rule-lead" }, label) : null, ...content);
