// A graph of several groups in columns: all on one sheet, or one alone.

/** @typedef {{groups: number, group: number[], x: number[], y: number[], a: number[], b: number[], n: number[], [key: string]: any}} Groups */

/** All groups side by side on a grid, in its middle: each has its own square of whole numbers to 10,000. @param {Groups} graph @returns {Groups} */
export function grid(graph) {
  const across = Math.max(1, Math.ceil(Math.sqrt(graph.groups)));
  const empty = (across - Math.max(1, Math.ceil(graph.groups / across))) / 2;
  /** @param {number} value @param {number} cell */
  const place = (value, cell) => Math.round(((cell + 0.1 + (0.8 * value) / 10000) * 10000) / across);
  /** @param {number} group */
  const down = (group) => across - 1 - empty - Math.floor((group - 1) / across);
  return {
    ...graph,
    x: graph.x.map((value, i) => place(value, (graph.group[i] - 1) % across)),
    y: graph.y.map((value, i) => place(value, down(graph.group[i]))),
  };
}

/** One group of a graph in columns; its accounts and links alone. @param {Groups} graph @param {number} group @returns {any} */
export function part(graph, group) {
  const kept = graph.group.map((own, i) => [own, i]).filter(([own]) => own === group).map(([, i]) => i);
  const place = new Map(kept.map((i, at) => [i, at]));
  const links = graph.a.map((_, e) => e).filter((e) => place.has(graph.a[e]));
  /** @type {Record<string, any>} */
  const made = { groups: 1 };
  for (const key of ["id", "label", "note", "x", "y", "cluster", "tier", "mark", "group"]) made[key] = kept.map((i) => graph[key][i]);
  for (const key of ["a", "b"]) made[key] = links.map((e) => place.get(graph[key][e]));
  made.n = links.map((e) => graph.n[e]);
  return made;
}
