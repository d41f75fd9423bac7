// The graph as the widget got it: whole numbers in columns, and the questions that the view asks of it.

/** Okabe-Ito without its yellow, unreadable on white, and without its oranges: orange is what is chosen. Grey is "no group". */
export const CLUSTERS = ["#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#8A5A00", "#5D3A9B"];
export const TIERS = { A: "#1f3a5f", B: "#0072B2", C: "#7d8894", "": "#a9b2bc" };
/** From early to late: dark to light, told apart in grey as well. */
export const TIMES = ["#2c115f", "#5a3d8a", "#3f78a8", "#35a07a", "#c2a83e"];
export const NONE = "#a9b2bc";
export const SEVERAL = "#24292f";
export const FINDING = "#D55E00";
/** What accounts touched: a square in one colour, whatever colours say of accounts. */
export const THING = "#4d5661";
const THING_SIZE = 5;
/** Nodes that the picture has room for in their full size. */
export const ROOM = 3000;
export const BY = ["cluster", "trace", "tier", "first"];

/**
 * Nodes `id label alias note x y cluster tier mark listed trace thing`, edges `a b n first last says`, names `traces`.
 * `parts` (of a folded graph): the edges of the whole one behind each edge.
 * @typedef {object} Columns
 * @property {string[]} id
 * @property {string[]} label as it is shown on the screen
 * @property {string[]} alias as it stands in a saved picture
 * @property {string[]} note
 * @property {number[]} x from 0 to 10,000
 * @property {number[]} y from 0 to 10,000
 * @property {number[]} cluster 0: none
 * @property {string[]} tier
 * @property {string[]} mark
 * @property {number[]} listed 1: on an officer's own list
 * @property {number[]} trace place in `traces` from 1 on; 0: none, -1: several
 * @property {number[]} thing 1: no account but what several accounts touched
 * @property {number[]} a place among the nodes
 * @property {number[]} b place among the nodes
 * @property {number[]} n
 * @property {number[]} first seconds since 1970
 * @property {number[]} last seconds since 1970
 * @property {string[]} says
 * @property {string[]} traces
 * @property {number[][]=} parts
 */

const TEXTS = ["id", "label", "note", "tier", "mark"];
const NUMBERS = ["x", "y", "cluster", "listed", "trace", "thing"];

/** @param {Partial<Columns>|null|undefined} given @returns {Columns} every column, as long as it has to be */
function filled(given) {
  const known = given || {};
  const nodes = (known.id || []).length, edges = (known.a || []).length;
  const made = /** @type {any} */ ({ traces: [], ...known });
  for (const name of TEXTS) made[name] = made[name] || Array(nodes).fill("");
  for (const name of NUMBERS) made[name] = made[name] || Array(nodes).fill(0);
  for (const name of ["n", "first", "last"]) made[name] = made[name] || Array(edges).fill(name === "n" ? 1 : 0);
  made.alias = made.alias || made.label;
  made.says = made.says || Array(edges).fill("");
  made.a = made.a || [];
  made.b = made.b || [];
  return made;
}

export class Model {
  /** @param {Partial<Columns>|null} [columns] */
  constructor(columns) {
    this.columns = filled(columns);
    this.size = this.columns.id.length;
    /** @type {Model|undefined} the graph that a folded one was made of */
    this.whole = undefined;
    /** @type {number[][]} places among the nodes of the whole graph */
    this.members = Array.from({ length: this.size }, (_, i) => [i]);
    this.place = new Map(this.columns.id.map((id, i) => [id, i]));
    /** @type {number[][]} */
    this.around = Array.from({ length: this.size }, () => []);
    this.columns.a.forEach((a, e) => {
      this.around[a].push(e);
      this.around[this.columns.b[e]].push(e);
    });
    this.strength = this.around.map((edges) => edges.reduce((sum, e) => sum + this.columns.n[e], 0));
    this.strongest = this.#strongest();
    /** Accounts of each node: none of a thing. @type {number[]} */
    this.accounts = this.members.map((_, i) => (this.thing(i) ? 0 : 1));
    /** First action of each node in step with somebody; null without an edge. */
    this.began = this.around.map((edges) => edges.reduce(
      (least, e) => (least === null ? this.columns.first[e] : Math.min(least, this.columns.first[e])), /** @type {number|null} */ (null),
    ));
    const known = /** @type {number[]} */ (this.began.filter((one, i) => one !== null && !this.thing(i))).sort((one, two) => one - two);
    /** Four times between the five colours: as many nodes in each. */
    this.steps = known.length ? [1, 2, 3, 4].map((part) => known[Math.min(known.length - 1, Math.floor((part * known.length) / 5))]) : [];
  }

  /** Whether a node is what accounts touched, and no account. @param {number} i */
  thing(i) { return this.columns.thing[i] === 1; }

  #strongest() {
    return this.strength.reduce((most, one, i) => (this.thing(i) ? most : Math.max(most, one)), 1);
  }

  /** Whether an edge leads from an account to a thing. @param {number} e */
  spoke(e) { return this.thing(this.columns.a[e]) || this.thing(this.columns.b[e]); }

  /** Radius in pixels: area follows strength; where there are more nodes than the default view has they are smaller, as they cover each other. @param {number} i */
  radius(i) {
    if (this.thing(i)) return THING_SIZE * Math.min(1, Math.sqrt(ROOM / this.size));
    return (3 + 9 * Math.sqrt(this.strength[i] / this.strongest)) * Math.min(1, Math.sqrt(ROOM / this.size));
  }

  /** What colours tell apart: a number or a tier. @param {number} i @param {string} by @returns {number|string} */
  kind(i, by) {
    if (by === "tier") return this.columns.tier[i];
    if (by === "trace") return this.columns.trace[i];
    if (by === "first") {
      const began = this.began[i];
      return began === null ? 0 : 1 + this.steps.filter((step) => step <= began).length;
    }
    return this.columns.cluster[i];
  }

  /** @param {number} i @param {string} by */
  color(i, by) {
    return this.thing(i) ? THING : this.colorOf(this.kind(i, by), by);
  }

  /** @param {number|string} kind @param {string} by */
  colorOf(kind, by) {
    if (by === "tier") return TIERS[/** @type {keyof TIERS} */ (kind)] || NONE;
    if (kind === -1) return SEVERAL;
    const place = Number(kind);
    return place ? (by === "first" ? TIMES : CLUSTERS)[(place - 1) % (by === "first" ? TIMES : CLUSTERS).length] : NONE;
  }

  /** Colour is never alone: tier and mark stand in the label, and who is on a list has a sign. @param {number} i @param {boolean} [saved] */
  label(i, saved) {
    const { label, alias, tier, mark, listed } = this.columns;
    return (listed[i] ? "◆ " : "") + (saved ? alias : label)[i] + (tier[i] ? ` [${tier[i]}]` : "") + (mark[i] ? ` ${mark[i]}` : "");
  }

  /** Whether the time from first to last of an edge meets a period of seconds; null is all time. @param {number} e @param {number[]|null} period @returns {boolean} */
  edgeInside(e, period) {
    if (!period) return true;
    const { whole } = this, { parts, first, last } = this.columns;
    if (parts && whole) return parts[e].some((one) => whole.edgeInside(one, period));
    return first[e] <= period[1] && last[e] >= period[0];
  }

  /** Accounts of each node that have a link inside a period, a link between two of one folded group too; of a thing 1 where one of its links is. @param {number[]|null} period @returns {number[]} */
  inside(period) {
    const { whole } = this;
    if (whole) {
      const own = whole.inside(period);
      return this.members.map((members, i) => members.reduce((sum, one) => sum + (whole.thing(one) && !this.thing(i) ? 0 : own[one]), 0));
    }
    return this.around.map((edges) => (edges.some((e) => this.edgeInside(e, period)) ? 1 : 0));
  }

  /** @param {number} e @param {number} i */
  other(e, i) {
    return this.columns.a[e] === i ? this.columns.b[e] : this.columns.a[e];
  }

  /** @param {number} i */
  neighbours(i) {
    return new Set(this.around[i].map((e) => this.other(e, i)));
  }

  /** Edges of a node inside a period, strongest first, then by the other's label. @param {number} i @param {number[]|null} period */
  edgesOf(i, period) {
    const { n, label } = this.columns;
    return this.around[i]
      .filter((e) => this.edgeInside(e, period))
      .sort((e, f) => n[f] - n[e] || label[this.other(e, i)].localeCompare(label[this.other(f, i)]));
  }

  /** At most `most` nodes whose label or id holds the words, beginnings first. @param {string} words */
  search(words, most = 8) {
    const wanted = words.trim().toLocaleLowerCase().replace(/^@/, "");
    if (!wanted) return [];
    const found = [];
    for (let i = 0; i < this.size; i++) {
      if (this.thing(i)) continue;
      const at = [this.columns.label[i], this.columns.id[i]].map((text) => text.toLocaleLowerCase().replace(/^@/, "").indexOf(wanted));
      const best = at.filter((place) => place >= 0);
      if (best.length) found.push([Math.min(...best) ? 1 : 0, i]);
    }
    return found.sort((one, two) => one[0] - two[0] || one[1] - two[1]).slice(0, most).map((one) => one[1]);
  }

  /**
   * What stands in the legend: [colour, kind, accounts, those of them that are inside]; times in their order, all else largest
   * first; at most eight. @param {string} by @param {(i: number) => number} [inside] how many of a node's accounts are
   * @returns {[string, number|string, number, number][]}
   */
  legend(by, inside = (i) => this.accounts[i]) {
    const counts = new Map();
    for (let i = 0; i < this.size; i++) {
      if (this.thing(i)) continue;
      const kind = this.kind(i, by);
      const known = counts.get(kind) || [this.colorOf(kind, by), kind, 0, 0];
      known[2] += this.accounts[i];
      known[3] += inside(i);
      counts.set(kind, known);
    }
    const rows = [...counts.values()];
    return (by === "first" ? rows.sort((one, two) => one[1] - two[1]) : rows.sort((one, two) => two[2] - one[2])).slice(0, 8);
  }

  /** The two times between which a colour of `first` stands; null: open. @param {number} kind @returns {[number|null, number|null]} */
  between(kind) {
    return [this.steps[kind - 2] ?? null, this.steps[kind - 1] ?? null];
  }

  /** @returns {number[]} the groups with two members or more in this graph, by number */
  groups() {
    const counts = new Map();
    this.columns.cluster.forEach((cluster, i) => { if (cluster && !this.thing(i)) counts.set(cluster, (counts.get(cluster) || 0) + 1); });
    return [...counts].filter(([, count]) => count > 1).map(([cluster]) => cluster).sort((one, two) => one - two);
  }

  /**
   * The same graph with one node for all members of each of these groups and what they touched; links inside a folded group go.
   * @param {number[]} groups @param {(group: number, count: number) => string} name
   */
  folded(groups, name) {
    const known = new Set(this.groups().filter((one) => groups.includes(one)));
    if (!known.size) return this;
    const { columns } = this;
    /** @type {number[]} */
    const to = [];
    /** @type {number[][]} */
    const members = [];
    const node = new Map();
    for (let i = 0; i < this.size; i++) {
      const cluster = columns.cluster[i];
      const own = known.has(cluster) ? node.get(cluster) : undefined;
      if (own !== undefined) members[own].push(i);
      else {
        members.push([i]);
        if (known.has(cluster)) node.set(cluster, members.length - 1);
      }
      to.push(own ?? members.length - 1);
    }
    const whole = members.map((own) => known.has(columns.cluster[own[0]]));
    /** @param {string} key @returns {any[]} */
    const kept = (key) => members.map((own) => /** @type {any} */ (columns)[key][own[0]]);
    /** @param {"x"|"y"} key */
    const middle = (key) => members.map((own) => Math.round(own.reduce((sum, i) => sum + columns[key][i], 0) / own.length));
    const accounts = members.map((own) => own.filter((i) => !this.thing(i)).length);
    const names = members.map((own, i) => (whole[i] ? name(columns.cluster[own[0]], accounts[i]) : ""));
    /** @param {string} key @param {any} none */
    const single = (key, none) => kept(key).map((value, i) => (whole[i] ? none : value));
    const made = {
      ...columns,
      id: kept("id").map((id, i) => (whole[i] ? `\u0000${columns.cluster[members[i][0]]}` : id)),
      label: kept("label").map((label, i) => names[i] || label),
      alias: kept("alias").map((alias, i) => names[i] || alias),
      note: single("note", ""), x: middle("x"), y: middle("y"), cluster: kept("cluster"), tier: single("tier", ""),
      mark: single("mark", ""), trace: kept("trace"), thing: single("thing", 0),
      listed: members.map((own) => (own.some((i) => columns.listed[i]) ? 1 : 0)),
      ...this.#bundled(to),
    };
    const model = new Model(made);
    model.members = members;
    model.accounts = accounts;
    model.whole = this;
    members.forEach((own, i) => { if (whole[i]) model.strength[i] = own.reduce((sum, one) => sum + this.strength[one], 0); });
    model.strongest = model.#strongest();
    return model;
  }

  /** One edge for all between the same two nodes. @param {number[]} to */
  #bundled(to) {
    const { columns } = this;
    const made = new Map();
    columns.a.forEach((a, e) => {
      const [one, two] = [to[a], to[columns.b[e]]];
      if (one === two) return;
      const key = `${Math.min(one, two)} ${Math.max(one, two)}`;
      const known = made.get(key) || { a: one, b: two, n: 0, first: Infinity, last: -Infinity, says: "", parts: [] };
      known.n += columns.n[e];
      known.first = Math.min(known.first, columns.first[e]);
      known.last = Math.max(known.last, columns.last[e]);
      known.says = known.parts.length ? "" : columns.says[e];
      known.parts.push(e);
      made.set(key, known);
    });
    const rows = [...made.values()];
    /** @type {any} */
    const told = {};
    for (const key of ["a", "b", "n", "first", "last", "says", "parts"]) told[key] = rows.map((row) => row[key]);
    return told;
  }
}
