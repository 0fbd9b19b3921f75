// Words and numbers, in the reader's language.

const language = document.documentElement.lang || "en";
const numbers = new Intl.NumberFormat(language);
const plurals = new Intl.PluralRules(language);

export const number = (count) => numbers.format(count);

// fill("at most %(most)s", { most: 3 })
export const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_all, name) => values[name] ?? "");

// Takes the form that fits the number: { one: "%(count)s person", other: "%(count)s people" }.
export const counted = (count, forms) => fill(formOf(count, forms), { count: number(count) });
export const formOf = (count, forms) => forms[plurals.select(count)] ?? forms.other;

// Without accents and capitals, so that "regiao" finds "Região".
export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// How well a text answers a search, the better the higher; 0, where a word is missing.
export function fitness(typed, label, others = "") {
  const [said, beside] = [plain(label), plain(others)];
  const words = plain(typed).split(/\s+/).filter(Boolean);
  if (!words.every((word) => said.includes(word) || beside.includes(word))) return 0;
  const starts = (text, word) => text.split(/[\s(]+/).some((part) => part.startsWith(word));
  return 1 + words.reduce((sum, word) => sum + (said.startsWith(word) ? 8 : starts(said, word) ? 4 : said.includes(word) ? 2 : starts(beside, word) ? 1 : 0), 0);
}
