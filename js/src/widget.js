// Ways in: a widget of anywidget, or any page with plain data.
//
//   import { mount } from "./network_view.js";            // or globalThis.spmcNetworkView.mount
//   const view = mount(element, { graph, bins, words });   // see README.md beside package.json
//   view.set("color_by", "tier"); view.end();

import { Store } from "./store.js";
import { View } from "./view.js";

/**
 * Draw a network into an element of any page; nothing is fetched, and no style or script is added to the page's text.
 * @param {HTMLElement} element with a width; the view brings its own height
 * @param {Record<string, any>} data `graph` (columns), and what else Store's DEFAULTS name
 * @param {(key: string, value: any) => void} [told] called for each choice: "selected", "edge", "period", "folded", "color_by", "message"
 */
export function mount(element, data, told) {
  const store = new Store(data, told);
  const view = new View(store, element);
  return {
    /** @param {string} key */
    get: (key) => store.get(key),
    /** @param {string} key @param {any} value */
    set: (key, value) => store.set(key, value),
    end: () => view.end(),
  };
}

// an inline module script cannot be imported from: the next script of such a page finds it here
/** @type {any} */ (globalThis).spmcNetworkView = { mount };

export default {
  /** @param {{model: any, el: HTMLElement}} given */
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.end();
  },
};
