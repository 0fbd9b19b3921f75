// Elements, made by one function; nothing here knows of rules.

// h("button", { class: "x", onclick: f, "aria-label": "y" }, "text", element, null)
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  // A select knows its value only once it has its options.
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  if (tag === "select" && "value" in properties) element.value = properties.value;
  return element;
}

export const icon = (name) => h("span", { class: "material-symbols-outlined", "aria-hidden": "true" }, name);

// A button with an icon and a label; a quiet one shows the icon and says the label.
export function button(iconName, label, onclick, { quiet = false, focus, ...properties } = {}) {
  const said = quiet ? h("span", { class: "sr-only" }, label) : label;
  return h(
    "button",
    { type: "button", class: `rule-button${quiet ? " is-quiet" : ""}`, title: quiet ? label : null, "data-focus": focus, onclick, ...properties },
    icon(iconName),
    said,
  );
}

export function select(options, value, onchange, properties = {}) {
  const listed = options.map((one) => h("option", { value: String(one.value) }, one.label));
  // What is offered no more is shown all the same, until another is chosen.
  if (!options.some((one) => String(one.value) === String(value))) listed.unshift(h("option", { value: String(value) }, String(value)));
  return h("select", { class: "plain-input", value: String(value), onchange: (event) => onchange(event.target.value), ...properties }, ...listed);
}

// Draws anew and leaves the focus, and what was marked, where it was. An element is known by its
// data-focus.
export function redraw(root, content) {
  const { activeElement: before } = document;
  const key = root.contains(before) ? before.dataset.focus : null;
  const marked = key && typeof before.selectionStart === "number" ? [before.selectionStart, before.selectionEnd] : null;
  root.replaceChildren(content);
  if (!key) return;
  const again = focusOn(root, key);
  if (again && marked && typeof again.selectionStart === "number") again.setSelectionRange(...marked);
}

export function focusOn(root, key) {
  const found = root.querySelector(`[data-focus="${CSS.escape(key)}"]`);
  found?.focus();
  return found;
}
