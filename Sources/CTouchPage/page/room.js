// The room's states and settings as the panel knows them: feedback goes in, values come out.

/** A document of values: words below words; an item of a list is a word with a number, such as `Call 2`. */
export class Room {
  #root = new Map();

  /** Forgets all. */
  clear() { this.#root.clear(); }

  /** Takes in a document of feedback, such as `{Audio: {Volume: 50}}` below `Status`. */
  merge(document, value) { Room.#merge(Room.#child(this.#root, document), value); }

  /** The value at a place, such as `Status Audio Volume`; undefined when the room has said nothing of it. */
  get(path) {
    const node = this.#find(path);
    return node instanceof Map ? undefined : node;
  }

  /** The items of a list, such as `Status Call`: pairs of the item's number and a function that gives a value below. */
  items(path) {
    const list = this.#find(path);
    if (!(list instanceof Map)) return [];
    return [...list.entries()].filter(([key]) => /^\d+$/.test(key))
      .sort((first, second) => first[0] - second[0])
      .map(([key, node]) => ({ id: Number(key), get: (words) => Room.#descend(node, words.split(' ')) }));
  }

  #find(path) { return Room.#descend(this.#root, path.split(' '), true); }

  static #descend(node, words, keepsMaps = false) {
    for (const word of words) {
      if (!(node instanceof Map)) return undefined;
      node = node.get(word);
    }
    return node instanceof Map && !keepsMaps ? undefined : node;
  }

  static #child(node, word) {
    let child = node.get(word);
    if (!(child instanceof Map)) {
      child = new Map();
      node.set(word, child);
    }
    return child;
  }

  static #merge(node, value) {
    for (const [word, below] of Object.entries(value)) {
      if (word === 'id') continue;
      if (Array.isArray(below)) {
        for (const item of below) {
          const list = Room.#child(node, word);
          if (item.ghost) list.delete(String(item.id)); else Room.#merge(Room.#child(list, String(item.id)), item);
        }
      } else if (below !== null && typeof below === 'object') {
        Room.#merge(Room.#child(node, word), below);
      } else {
        node.set(word, below);
      }
    }
  }
}
