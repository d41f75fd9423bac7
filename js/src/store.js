// What the view needs of a widget, held by the page itself: for a network outside of Jupyter.

/** Traits that a page may leave out. */
export const DEFAULTS = {
  graph: {}, bins: {}, period: [], selected: [], edge: [], folded: [], color_by: "cluster", words: {}, facts: {}, language: "en",
  theme: "light", names: true, pictures: true, small: false,
};

export class Store {
  /** @param {Record<string, any>} data @param {(key: string, value: any) => void} [told] called for every choice made in the view */
  constructor(data, told) {
    /** @type {Record<string, any>} */
    this.values = { ...DEFAULTS, ...data };
    this.told = told || (() => {});
    /** @type {[string, () => void][]} */
    this.heard = [];
  }

  /** @param {string} key */
  get(key) { return this.values[key]; }

  /** @param {string} key @param {any} value */
  set(key, value) {
    this.values[key] = value;
    for (const [what, how] of [...this.heard]) if (what.split(" ").includes(`change:${key}`)) how();
    this.told(key, value);
  }

  save_changes() {}

  /** @param {any} message */
  send(message) { this.told("message", message); }

  /** @param {string} what @param {() => void} how */
  on(what, how) { this.heard.push([what, how]); }

  /** @param {string} what @param {() => void} how */
  off(what, how) { this.heard = this.heard.filter((one) => one[0] !== what || one[1] !== how); }
}
