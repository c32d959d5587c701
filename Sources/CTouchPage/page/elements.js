// Small helpers for the page's elements.

/** The element with an identity. */
export const element = (id) => document.getElementById(id);

/** Makes an element: its name, properties and attributes, and what is in it. */
export function make(name, properties = {}, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value; else made.setAttribute(key, value);
  }
  made.append(...content);
  return made;
}

/** Writes text, if it is another: what doesn't change isn't read out again. */
export function write(target, words) {
  if (target.textContent !== words) target.textContent = words;
}

/** Shows an element or hides it. */
export function show(target, isShown) {
  if (target.hidden === isShown) target.hidden = !isShown;
}

/**
 * Makes a list's elements those of `items`, keeping the element of an item that stays: focus isn't lost by a change
 * elsewhere. `key` names an item, `create` makes its element, `update` writes what may change.
 */
export function renderList(list, items, key, create, update) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, index) => {
    const name = String(key(item));
    let child = old.get(name);
    if (child) old.delete(name);
    else {
      child = create(item);
      child.dataset.key = name;
    }
    update(child, item);
    if (list.children[index] !== child) list.insertBefore(child, list.children[index] ?? null);
  });
  for (const child of old.values()) child.remove();
}

/** Tells of something for a few seconds; a screen reader reads it out. */
export function toast(words, kind = '') {
  const toasts = element('toasts');
  while (toasts.children.length >= 5) toasts.firstElementChild.remove();
  const note = make('p', { className: 'toast ' + kind }, words);
  toasts.append(note);
  setTimeout(() => note.remove(), 5000);
}
