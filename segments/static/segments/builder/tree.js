// The rule as a tree of nodes with ids, and the ways in which its parts move. A group is
// { id, combination, parts }, a condition { id, condition }. Nothing here touches the page.

let lastId = 0;
const newId = () => ++lastId;
const COMBINATIONS = ["all", "any", "none"];

export const isGroup = (node) => "parts" in node;
export const newGroup = (combination, parts) => ({ id: newId(), combination, parts });
export const newLeaf = (condition) => ({ id: newId(), condition });

export function read(json) {
  const combination = COMBINATIONS.find((one) => Array.isArray(json?.[one]));
  return combination ? newGroup(combination, json[combination].map(read)) : newLeaf({ ...json });
}

export function write(node) {
  return isGroup(node) ? { [node.combination]: node.parts.map(write) } : written(node.condition);
}

// An end of a period that is left open is not told, unless both are.
function written(condition) {
  const { window } = condition;
  if (!window || !("from" in window || "until" in window)) return condition;
  const ends = Object.entries(window).filter(([, day]) => day);
  return { ...condition, window: ends.length ? Object.fromEntries(ends) : window };
}

// Walks over all nodes with their places: the pointer into the JSON, the parent, the depth.
export function* walk(node, base = "", parent = null, index = 0, depth = 1) {
  const pointer = isGroup(node) ? `${base}/${node.combination}` : base;
  yield { node, pointer, base, parent, index, depth };
  if (!isGroup(node)) return;
  for (const [place, part] of node.parts.entries()) yield* walk(part, `${pointer}/${place}`, node, place, depth + 1);
}

export function find(tree, id) {
  for (const place of walk(tree)) if (place.node.id === id) return place;
  return null;
}

export const conditionsIn = (tree) => [...walk(tree)].filter(({ node }) => !isGroup(node)).length;

// How many levels of groups a node is by itself.
export const levels = (node) => (isGroup(node) ? 1 + Math.max(0, ...node.parts.map(levels)) : 0);

// Undo returns to ids that the page knows.
export const copy = (tree) => structuredClone(tree);

export function duplicate(tree, id) {
  const { node, parent, index } = find(tree, id);
  const twin = read(structuredClone(write(node)));
  parent.parts.splice(index + 1, 0, twin);
  return twin;
}

export function remove(tree, id) {
  const { parent, index } = find(tree, id);
  parent.parts.splice(index, 1);
  dropEmpty(tree, parent);
}

export function wrap(tree, id) {
  const { node, parent, index } = find(tree, id);
  const group = newGroup(parent.combination === "any" ? "all" : "any", [node]);
  parent.parts[index] = group;
  return group;
}

export function canMove(tree, id, into, most) {
  const [moved, target] = [find(tree, id), find(tree, into)];
  if (!moved?.parent || !target || !isGroup(target.node)) return false;
  const isInside = [...walk(moved.node)].some(({ node }) => node.id === into);
  return !isInside && target.depth + levels(moved.node) <= most;
}

// Moves a node into a group, before the part that stands at the place now.
export function move(tree, id, into, place) {
  const { node, parent, index } = find(tree, id);
  const target = find(tree, into).node;
  parent.parts.splice(index, 1);
  target.parts.splice(parent === target && index < place ? place - 1 : place, 0, node);
  dropEmpty(tree, parent);
}

// Where the arrows lead: { into, place }, or null at the end of the way.
export function towards(tree, id, direction) {
  const { parent, index } = find(tree, id);
  if (!parent) return null;
  const above = find(tree, parent.id);
  const neighbours = [parent.parts[index - 1], parent.parts[index + 1]];
  const beside = neighbours.find((node) => node && isGroup(node));
  switch (direction) {
    case "up": return index > 0 ? { into: parent.id, place: index - 1 } : null;
    case "down": return index < parent.parts.length - 1 ? { into: parent.id, place: index + 2 } : null;
    case "out": return above.parent ? { into: above.parent.id, place: above.index + 1 } : null;
    case "into": return beside ? { into: beside.id, place: beside === neighbours[0] ? beside.parts.length : 0 } : null;
  }
  return null;
}

function dropEmpty(tree, group) {
  const place = find(tree, group.id);
  if (!place?.parent || group.parts.length) return;
  place.parent.parts.splice(place.index, 1);
  dropEmpty(tree, place.parent);
}
