// The fields that a comparison needs, by the shape of what it compares with. A shape that the
// server learns gets a function here and what it starts with in conditions.js.

import { combobox } from "./combobox.js";
import { h, icon, select } from "./dom.js";
import { fill, fitness } from "./words.js";

const TYPES = { number: "number", money: "number", age: "number", times: "number", share: "number", moment: "date", day: "date" };
const WHOLE = ["age", "times"];

// ``field`` is { asked, value, set, key, at, label, texts, catalog, suggest }. ``set(value)`` keeps
// the value while it is typed; ``set(value, { redraws: true })`` shows the field anew as well.
export function valueInput(shape, field) {
  return (SHAPES[shape] ?? SHAPES.one)(field);
}

const SHAPES = {
  nothing: () => null,
  one: (field) => {
    if (field.asked.choices.length) return choice(field);
    return field.asked.suggests ? suggesting(field) : typed(field);
  },
  pair: (field) => {
    const ends = Array.isArray(field.value) ? [...field.value] : ["", ""];
    const set = (place) => (value) => {
      ends[place] = value;
      field.set([...ends]);
    };
    const end = (place, label) => typed({ ...field, label, value: ends[place], set: set(place), key: `${field.key}-${place}`, at: `${field.at}/${place}` });
    const unit = field.asked.type === "share" ? h("span", {}, "%") : null;
    return h("span", { class: "rule-parts" }, end(0, field.texts.from), h("span", {}, field.texts.and), end(1, field.texts.to), unit);
  },
  several: (field) => (field.catalog.hasFewChoices(field.asked) ? toggles(field) : tokens(field)),
  period: (field) => period(field),
  days: (field) => h("span", { class: "rule-parts" }, wholeNumber(field, { min: 0, max: 366 }), h("span", {}, field.texts.days)),
  month: (field) => select(field.catalog.settings.months, field.value, (value) => field.set(Number(value)), named(field)),
  day_of_year: (field) => dayOfYear(field),
  around: (field) => around(field),
};

const named = ({ key, at, label }) => ({ "data-focus": key, "data-at": at, "aria-label": label });

function asTyped(type, text) {
  return WHOLE.includes(type) && /^\d+$/.test(text) ? Number(text) : text;
}

function typed(field) {
  if (field.asked.type !== "money") return line(field);
  const { currency } = field.catalog.settings;
  return h("span", { class: "rule-parts rule-money" }, h("span", { "aria-hidden": "true" }, currency), line({ ...field, label: `${field.label} (${currency})` }));
}

function line(field) {
  const { type } = field.asked;
  return h("input", {
    class: "plain-input",
    type: TYPES[type] ?? "text",
    step: WHOLE.includes(type) || field.asked.isWhole ? "1" : "any",
    value: String(field.value ?? ""),
    autocomplete: "off",
    oninput: (event) => field.set(asTyped(type, event.target.value)),
    ...named(field),
  });
}

function wholeNumber(field, { min, max }) {
  return h("input", {
    class: "plain-input",
    type: "number",
    min: String(min),
    max: String(max),
    step: "1",
    value: String(field.value ?? ""),
    oninput: (event) => field.set(event.target.value === "" ? "" : Number(event.target.value)),
    ...named(field),
  });
}

const choice = (field) => select(field.asked.choices, field.value ?? "", field.set, named(field));

function suggesting(field) {
  const input = line(field);
  return combobox(input, {
    find: field.suggest,
    choose: ({ value }) => {
      input.value = value;
      field.set(value);
    },
  }).element;
}

// "In the last 90 days", or "3 months"; a bare number means days.
export function period(field, { units = ["days", "months"] } = {}) {
  const told = typeof field.value === "object" && field.value !== null ? field.value : { days: field.value ?? "" };
  const unit = "months" in told ? "months" : "days";
  const length = wholeNumber(
    { ...field, value: told[unit], at: `${field.at}/${unit}`, set: (value) => field.set({ [unit]: value }) },
    { min: 1, max: 36525 },
  );
  const offered = units.map((one) => ({ value: one, label: field.texts[one] }));
  const unitChoice = offered.length > 1
    ? select(offered, unit, (chosen) => field.set({ [chosen]: told[unit] }, { redraws: true }), { "aria-label": field.texts.unit, "data-focus": `${field.key}-unit` })
    : h("span", {}, field.texts[unit]);
  return h("span", { class: "rule-parts" }, length, unitChoice);
}

function dayOfYear(field) {
  const [month, day] = String(field.value ?? "12-24").split("-").map(Number);
  const tell = (newMonth, newDay) => field.set(`${String(newMonth).padStart(2, "0")}-${String(newDay).padStart(2, "0")}`, { redraws: true });
  const days = Array.from({ length: 31 }, (_all, place) => ({ value: place + 1, label: String(place + 1) }));
  return h(
    "span",
    { class: "rule-parts", "data-at": field.at },
    select(days, day, (value) => tell(month, value), { "aria-label": field.texts.day, "data-focus": `${field.key}-day` }),
    select(field.catalog.settings.months, month, (value) => tell(value, day), { "aria-label": field.texts.month, "data-focus": field.key }),
  );
}

// So many kilometres from a city, which is written with its country: "Porto, PT".
function around(field) {
  const { country, city, km } = field.value;
  const told = { country, city, km };
  const set = (part) => field.set({ ...Object.assign(told, part) });
  const far = wholeNumber({ ...field, value: km, key: `${field.key}-km`, at: `${field.at}/km`, label: field.texts.kilometres, set: (value) => set({ km: value }) }, { min: 1, max: 20000 });
  const named = suggesting({
    ...field,
    value: city ? `${city}, ${country}` : "",
    at: `${field.at}/city`,
    label: field.texts.city,
    set: (text) => {
      const [, name, code] = /^(.*?)(?:,\s*(\w{2}))?$/.exec(text.trim());
      set({ city: name, country: (code ?? field.catalog.settings.country).toUpperCase() });
    },
  });
  return h("span", { class: "rule-parts" }, far, h("span", {}, field.texts.kmFrom), named);
}

const listed = (field) => (Array.isArray(field.value) ? field.value.map(String) : []);

function toggles(field) {
  let chosen = listed(field);
  const toggle = ({ value, label }) => {
    const text = String(value);
    const flip = (event) => {
      chosen = event.target.checked ? [...chosen, text] : chosen.filter((one) => one !== text);
      field.set(chosen);
    };
    const box = h("input", { type: "checkbox", checked: chosen.includes(text), onchange: flip, "data-focus": `${field.key}-${text}` });
    return h("label", { class: "rule-toggle" }, box, h("span", {}, label));
  };
  return h("span", { class: "rule-parts", role: "group", "aria-label": field.label, "data-at": field.at }, field.asked.choices.map(toggle));
}

// Chips, and a field for one more.
function tokens(field) {
  let chosen = listed(field);
  const { choices } = field.asked;
  const labels = new Map(choices.map((one) => [String(one.value), one.label]));
  const chips = h("span", { class: "rule-parts" });
  const input = h("input", { type: "text", class: "plain-input", placeholder: field.texts.addValue, ...named({ ...field, label: field.texts.addValue }) });

  function draw() {
    chips.replaceChildren(...chosen.map((value) => chip(labels.get(value) ?? value, () => change(chosen.filter((one) => one !== value)), field.texts)));
    chips.hidden = !chosen.length;
  }
  function change(values) {
    chosen = values;
    input.value = "";
    draw();
    field.set(chosen);
  }
  function add(value, label = value) {
    const text = String(value).trim();
    labels.set(text, label);
    if (text && !chosen.includes(text)) change([...chosen, text]);
    input.value = "";
  }
  async function find(text) {
    const found = choices.length ? choices.filter((one) => fitness(text, one.label)) : await field.suggest(text);
    return found.filter((one) => !chosen.includes(String(one.value)));
  }

  const { element } = combobox(input, { find, choose: ({ value, label }) => add(value, label), first: choices.length > 0 });
  const takesWords = !choices.length;
  input.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !input.value && chosen.length) change(chosen.slice(0, -1));
    const ends = event.key === "Enter" || event.key === ",";
    if (event.defaultPrevented || !takesWords || !ends || !input.value.trim()) return;
    event.preventDefault();
    add(input.value);
  });
  // Whoever types a value and goes on to the next field means it.
  if (takesWords) input.addEventListener("change", () => add(input.value));
  draw();
  return h("span", { class: "rule-parts rule-tokens" }, chips, element);
}

function chip(label, remove, texts) {
  const said = fill(texts.removeValue, { value: label });
  return h("span", { class: "rule-chip" }, label, h("button", { type: "button", title: said, onclick: remove }, icon("close"), h("span", { class: "sr-only" }, said)));
}
