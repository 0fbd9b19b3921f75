// What can be asked: traits, their details, and how each may be compared.

import { fitness } from "./words.js";

const FEW = 8;

export class Catalog {
  constructor(settings) {
    this.settings = settings;
    this.traits = settings.traits;
    this.byCode = new Map(this.traits.map((trait) => [trait.code, trait]));
  }

  trait(code) {
    return this.byCode.get(code);
  }

  detail(trait, code) {
    return trait?.details.find((detail) => detail.code === code);
  }

  // What the operator compares: the trait's own value, or a measured detail of its rows.
  asked(condition) {
    const trait = this.trait(condition.trait);
    const name = condition.measure && Object.values(condition.measure)[0];
    return (name && this.detail(trait, name)) || trait;
  }

  operators(asked) {
    const labels = this.settings.operators[asked.type];
    return asked.operators.map((code) => ({ value: code, label: labels[code].label }));
  }

  shape(asked, operator) {
    return this.settings.operators[asked.type][operator]?.shape ?? "nothing";
  }

  // Few choices are all shown; many are searched.
  hasFewChoices(asked) {
    return asked.choices.length > 0 && asked.choices.length <= FEW;
  }

  // Things that happen, after which something else can happen.
  get happenings() {
    return this.traits.filter((trait) => trait.canFollow);
  }

  // The traits that answer a search, the best of their group first; all of them without one.
  search(text, among = this.traits) {
    const found = among.map((trait) => ({ trait, fits: fitness(text, trait.label, `${trait.group} ${trait.words}`) })).filter((one) => one.fits);
    if (text.trim()) found.sort((one, other) => other.fits - one.fits);
    return found.map(({ trait }) => ({ value: trait.code, label: trait.label, group: trait.group }));
  }
}
