// The panel's words, from the room's own catalogue: French first.

let catalogue = { fr: {}, en: {} };
let language = localStorage.getItem('language');

/** Fetches the words. */
export async function loadTexts() {
  const answer = await fetch('/panel/texts.json');
  if (!answer.ok) throw new Error('texts');
  catalogue = await answer.json();
}

/** The language in use: `fr` or `en`. */
export function currentLanguage() { return language ?? 'fr'; }

/** Uses the room's language, unless somebody chose one at this panel. */
export function adoptLanguage(word) {
  if (localStorage.getItem('language')) return false;
  const next = word === 'English' ? 'en' : 'fr';
  const changed = next !== currentLanguage();
  language = next;
  return changed;
}

/** Changes to the other language, and remembers that. */
export function switchLanguage() {
  language = currentLanguage() === 'fr' ? 'en' : 'fr';
  localStorage.setItem('language', language);
}

/** The words of `key`; `{name}` in them stands for a value. */
export function text(key, values = {}) {
  const words = catalogue[currentLanguage()][key];
  if (words === undefined) return key;
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/** Writes the words of all elements that name some. */
export function translate(root = document) {
  document.documentElement.lang = currentLanguage();
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', text(element.dataset.label));
  }
}
