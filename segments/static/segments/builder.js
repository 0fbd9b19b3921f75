// The rule builder: a tree of groups and conditions, shown as a flat list of rows with a depth,
// since Alpine has no recursive components. The server alone knows what a rule means: after every
// change it is asked for counts, the sentence and a sample, or says what is wrong and where.
document.addEventListener("alpine:init", () => {
  const settings = () => JSON.parse(document.getElementById("builder-settings").textContent);
  const NUMERIC = ["number", "money", "age", "times"];

  Alpine.data("ruleBuilder", () => ({
    ...settings(),
    tree: null,
    nextId: 1,
    answer: null,
    wrong: null,
    failure: "",
    isAsking: false,
    suggestions: {},

    init() {
      this.tree = this.toNode(JSON.parse(this.$refs.rule.value || "null") || { all: [] });
      this.purpose = document.getElementById("id_purpose");
      this.purpose?.addEventListener("change", () => this.ask());
      this.$watch("json", () => this.askSoon());
      this.ask();
    },

    // The tree and its JSON

    toNode(json) {
      if ("trait" in json) return this.toCondition(json);
      const [combination, parts] = Object.entries(json)[0] || ["all", []];
      return { id: this.nextId++, isGroup: true, combination, parts: parts.map((part) => this.toNode(part)) };
    },
    toCondition(json) {
      const trait = this.traitOf(json.trait) || this.traits[0];
      const known = trait.operators.some((operator) => operator.code === json.operator);
      const value = json.value ?? "";
      return {
        id: this.nextId++,
        isGroup: false,
        trait: trait.code,
        operator: known ? json.operator : trait.operators[0].code,
        value: Array.isArray(value) ? "" : String(value),
        values: Array.isArray(value) ? value.map(String) : [],
        days: json.window ? String(json.window.days) : "",
        where: { ...json.where },
        unknown: Boolean(json.unknown),
        typed: "",
      };
    },
    toJson(node) {
      if (node.isGroup) return { [node.combination]: node.parts.map((part) => this.toJson(part)) };
      const trait = this.traitOf(node.trait);
      const json = { trait: node.trait, operator: node.operator };
      const value = this.comparedWith(node, trait);
      if (value !== undefined) json.value = value;
      if (trait.hasWindow && node.days !== "") json.window = { days: Number(node.days) };
      const where = Object.entries(node.where).filter(([code]) => trait.filters.some((one) => one.code === code));
      if (where.length) json.where = Object.fromEntries(where);
      if (node.unknown && this.offersUnknown(node)) json.unknown = true;
      return json;
    },
    comparedWith(node, trait) {
      const one = (text) => (trait.isWhole && text !== "" ? Number(text) : text);
      switch (this.shapeOf(node)) {
        case "nothing": return undefined;
        case "days":
        case "month": return node.value === "" ? "" : Number(node.value);
        case "several": return node.values;
        case "pair": return [one(node.values[0] ?? ""), one(node.values[1] ?? "")];
        default: return one(node.value);
      }
    },
    get json() { return JSON.stringify(this.toJson(this.tree)); },

    // Rows

    get rows() {
      const rows = [];
      const walk = (node, parent, base, depth, index) => {
        const pointer = node.isGroup ? `${base}/${node.combination}` : base;
        const glue = parent && index > 0 ? { all: "and", any: "or", none: "nor" }[parent.combination] : "";
        rows.push({ id: node.id, node, parent, base, pointer, depth: Math.min(depth, 5), glue: glue && this.texts[glue], isGroup: node.isGroup });
        if (node.isGroup) node.parts.forEach((part, place) => walk(part, node, `${pointer}/${place}`, depth + 1, place));
      };
      walk(this.tree, null, "", 0, 0);
      return rows;
    },
    traitOf(code) { return this.traits.find((trait) => trait.code === code); },
    get traitGroups() {
      const groups = new Map();
      this.traits.forEach((trait) => groups.set(trait.group, [...(groups.get(trait.group) || []), trait]));
      return [...groups].map(([label, traits]) => ({ label, traits }));
    },
    operatorsOf(node) { return this.traitOf(node.trait).operators; },
    shapeOf(node) { return this.operatorsOf(node).find((one) => one.code === node.operator).shape; },
    choicesOf(node) { return this.shapeOf(node) === "month" ? this.months : this.traitOf(node.trait).choices; },
    inputOf(node) {
      const shape = this.shapeOf(node);
      if (shape === "nothing") return "none";
      if (shape === "month") return "select";
      if (shape === "several") return this.choicesOf(node).length ? "toggles" : "chips";
      if (shape === "pair") return "pair";
      return this.choicesOf(node).length ? "select" : "one";
    },
    typeOf(node) {
      const type = this.traitOf(node.trait).type;
      if (this.shapeOf(node) === "days" || NUMERIC.includes(type)) return "number";
      return ["moment", "day"].includes(type) ? "date" : "text";
    },
    stepOf(node) { return this.traitOf(node.trait).type === "money" ? "0.01" : "1"; },
    offersUnknown(node) {
      return this.traitOf(node.trait).mayBeMissing && !["known", "not_known"].includes(node.operator);
    },

    // Changes

    addCondition(row) {
      const node = this.toCondition({ trait: this.traits[0].code, value: 30 });
      row.node.parts.push(node);
      this.focus(`trait-${node.id}`);
    },
    addGroup(row) {
      const node = this.toNode({ any: [{ trait: this.traits[0].code, value: 30 }] });
      row.node.parts.push(node);
      this.focus(`combination-${node.id}`);
    },
    remove(row) {
      row.parent.parts = row.parent.parts.filter((part) => part !== row.node);
      this.focus(`combination-${row.parent.id}`);
    },
    setTrait(row, event) {
      const { node } = row;
      const old = this.traitOf(node.trait);
      node.trait = event.target.value;
      const trait = this.traitOf(node.trait);
      if (!trait.operators.some((one) => one.code === node.operator)) node.operator = trait.operators[0].code;
      if (old.type !== trait.type || old.choices.length || trait.choices.length || trait.suggests) this.clear(node);
      node.where = Object.fromEntries(trait.filters.map((one) => [one.code, node.where[one.code]]).filter(([, value]) => value));
      node.unknown = false;
    },
    setOperator(row, event) {
      const before = this.shapeOf(row.node);
      row.node.operator = event.target.value;
      if (before !== this.shapeOf(row.node)) this.clear(row.node);
    },
    clear(node) {
      const shape = this.shapeOf(node);
      const { type, choices } = this.traitOf(node.trait);
      const first = choices.length ? choices[0].value : type === "times" ? "2" : "";
      node.value = { days: "30", month: "1", one: first }[shape] ?? "";
      node.values = [];
      node.typed = "";
    },
    setEnd(node, place, event) {
      const ends = [node.values[0] ?? "", node.values[1] ?? ""];
      ends[place] = event.target.value;
      node.values = ends;
    },
    addValue(node) {
      const value = node.typed.trim();
      if (value && !node.values.includes(value)) node.values = [...node.values, value];
      node.typed = "";
    },
    type(node, event) {
      node.typed = event.target.value;
      // A value picked from the list, not typed letter by letter, is meant as it is.
      if (!event.inputType || event.inputType === "insertReplacementText") this.addValue(node);
      else this.suggest(node, "", node.typed);
    },
    removeValue(node, value) { node.values = node.values.filter((one) => one !== value); },
    toggleValue(node, value) {
      if (node.values.includes(value)) this.removeValue(node, value);
      else node.values = [...node.values, value];
    },
    setWhere(node, code, event) {
      const { [code]: _before, ...others } = node.where;
      node.where = event.target.value ? { ...others, [code]: event.target.value } : others;
      this.suggest(node, code, event.target.value);
    },
    focus(id) { this.$nextTick(() => document.getElementById(id)?.focus()); },

    // Values found in the data

    suggest(node, filter, text) {
      if (!filter && !this.traitOf(node.trait).suggests) return;
      clearTimeout(this.suggestTimer);
      this.suggestTimer = setTimeout(async () => {
        const query = new URLSearchParams({ trait: node.trait, filter, q: text });
        const found = await fetch(`${this.urls.values}?${query}`).catch(() => null);
        if (found?.ok) this.suggestions[this.listOf(node, filter)] = (await found.json()).values;
      }, 150);
    },
    listOf(node, filter) { return `values-${node.id}${filter && `-${filter}`}`; },
    suggestionsOf(node, filter) { return this.suggestions[this.listOf(node, filter)] || []; },

    // Asking the server

    askSoon() {
      clearTimeout(this.askTimer);
      this.askTimer = setTimeout(() => this.ask(), 300);
    },
    async ask() {
      this.asked?.abort();
      const asked = (this.asked = new AbortController());
      this.isAsking = true;
      try {
        const response = await fetch(this.urls.check, {
          method: "POST",
          signal: asked.signal,
          headers: {
            "Content-Type": "application/json",
            "X-CSRFToken": this.$root.closest("form").querySelector("[name=csrfmiddlewaretoken]").value,
          },
          body: JSON.stringify({ rule: this.toJson(this.tree), purpose: this.purpose?.value }),
        });
        const told = await response.json();
        this.failure = response.ok ? "" : this.texts.failed;
        this.wrong = told.wrong ?? null;
        if (response.ok && !this.wrong) this.answer = told;
      } catch (error) {
        if (error.name === "AbortError") return;
        this.failure = this.texts.failed;
      }
      this.isAsking = false;
    },
    number(count) { return new Intl.NumberFormat(document.documentElement.lang).format(count); },
    countOf(row) {
      const count = this.wrong ? undefined : this.answer?.counts[row.pointer];
      return count === undefined ? "…" : this.number(count);
    },
    missingOf(row) {
      const count = this.wrong ? undefined : this.answer?.missing[row.pointer];
      return count === undefined ? "…" : this.number(count);
    },
    wrongOf(row) {
      const place = this.wrong?.pointer;
      if (place === undefined) return "";
      const isHere = row.isGroup
        ? [row.base, row.pointer].includes(place)
        : place === row.pointer || place.startsWith(`${row.pointer}/`);
      return isHere ? this.wrong.message : "";
    },
    get total() { return this.answer ? this.number(this.answer.total) : "…"; },
    get isStale() { return this.isAsking || Boolean(this.wrong) || Boolean(this.failure); },
  }));
});
