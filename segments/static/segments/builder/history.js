// What was, so that it can be had again.

import { copy } from "./tree.js";

const MOST = 100;

export class History {
  constructor(tree) {
    this.past = [];
    this.present = copy(tree);
    this.future = [];
    this.lastKey = null;
  }

  // Letters typed into one field, which its key names, are one step.
  keep(tree, key = null) {
    const goesOn = key !== null && key === this.lastKey;
    if (!goesOn) this.past = [...this.past, this.present].slice(-MOST);
    this.present = copy(tree);
    this.future = [];
    this.lastKey = key;
  }

  undo() {
    return this.step(this.past, this.future);
  }

  redo() {
    return this.step(this.future, this.past);
  }

  step(from, to) {
    if (!from.length) return null;
    to.push(this.present);
    this.present = from.pop();
    this.lastKey = null;
    return copy(this.present);
  }
}
