// One condition, as the JSON of the rule language says it: what a new one starts with, and what
// stays of it when another trait or comparison is chosen. Nothing here touches the page.

// An empty value of each shape. A shape that the server learns gets its line here and in inputs.js.
const EMPTY = {
  nothing: () => undefined,
  one: (asked) => (asked.choices.length ? String(asked.choices[0].value) : asked.type === "times" ? 2 : ""),
  pair: (asked) => (asked.type === "share" ? [0, 10] : ["", ""]),
  several: () => [],
  period: () => ({ days: 30 }),
  days: () => 7,
  month: () => new Date().getMonth() + 1,
  day_of_year: () => "12-24",
  around: () => ({ country: "", city: "", km: 30 }),
};

export const emptyValue = (shape, asked) => EMPTY[shape]?.(asked);

export function newCondition(catalog, trait) {
  return withOperator(catalog, { trait: trait.code }, trait.operators[0]);
}

// Something that happens along the way: no value of its own.
export const newHappening = (trait) => ({ trait: trait.code });

export function withTrait(catalog, condition, trait) {
  const before = catalog.trait(condition.trait);
  const kept = trait.canFollow && before?.canFollow ? { window: condition.window, then: condition.then } : {};
  if (trait.hasWindow && before?.hasWindow) kept.window = condition.window;
  const sameKind = before && before.type === trait.type && !before.choices.length && !trait.choices.length && !trait.suggests;
  if (sameKind && !condition.measure && trait.operators.includes(condition.operator)) {
    return tidy({ ...kept, trait: trait.code, operator: condition.operator, value: condition.value });
  }
  return tidy({ ...kept, ...newCondition(catalog, trait) });
}

// Keeps the value where the other comparison takes one of the same shape.
export function withOperator(catalog, condition, operator) {
  const asked = catalog.asked(condition);
  const shape = catalog.shape(asked, operator);
  const keeps = condition.operator && catalog.shape(asked, condition.operator) === shape;
  const value = keeps ? condition.value : emptyValue(shape, asked);
  const changed = { ...condition, operator, value };
  if (!offersUnknown(catalog, changed)) delete changed.unknown;
  return tidy(changed);
}

// "sum:amount" measures; "" counts how often.
export function withMeasure(catalog, condition, told) {
  const { measure: _before, operator: _operator, value: _value, ...others } = condition;
  const [measure, name] = told.split(":");
  const changed = told ? { ...others, measure: { [measure]: name } } : others;
  return withOperator(catalog, changed, catalog.asked(changed).operators[told ? 0 : 2] ?? catalog.asked(changed).operators[0]);
}

export const measureOf = (condition) => Object.entries(condition.measure ?? {})[0]?.join(":") ?? "";

export function offersUnknown(catalog, condition) {
  const trait = catalog.trait(condition.trait);
  return Boolean(trait?.mayBeMissing) && !["known", "not_known"].includes(condition.operator);
}

// When the rows lie that count; each way with what it starts with.
export const WINDOWS = {
  ever: () => undefined,
  last: () => ({ days: 30 }),
  dates: () => ({ from: "", until: "" }),
  ago: () => ({ days_ago: [60, 30] }),
  since: (happening) => ({ since: newHappening(happening) }),
};

export function windowKind(window) {
  if (!window) return "ever";
  if ("days_ago" in window) return "ago";
  if ("since" in window) return "since";
  return "from" in window || "until" in window ? "dates" : "last";
}

// "Toys" is short for { operator: "is", value: "Toys" }.
export function narrowings(where = {}) {
  return Object.entries(where).map(([name, told]) =>
    told !== null && typeof told === "object" && !Array.isArray(told) ? { name, ...told } : { name, operator: "is", value: told },
  );
}

export function toWhere(list) {
  if (!list.length) return undefined;
  return Object.fromEntries(
    list.map(({ name, operator, value }) => [name, operator === "is" ? value : tidy({ operator, value })]),
  );
}

export const tidy = (json) => Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined));
