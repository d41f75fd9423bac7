// The graph as the widget got it: whole numbers in columns, and the questions that the view asks of it.

/** Okabe-Ito without its yellow, which is unreadable on white; grey is "no group". */
export const CLUSTERS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#8A5A00", "#5D3A9B"];
export const TIERS = { A: "#1f3a5f", B: "#0072B2", C: "#7d8894", "": "#a9b2bc" };
export const NONE = "#a9b2bc";
export const FINDING = "#D55E00";

const EMPTY = { id: [], label: [], note: [], x: [], y: [], cluster: [], tier: [], mark: [], a: [], b: [], n: [], first: [], last: [], says: [] };

export class Model {
  /** @param {object|null} columns nodes `id label note x y cluster tier mark`, edges `a b n first last says`. */
  constructor(columns) {
    this.columns = { ...EMPTY, ...(columns || {}) };
    this.size = this.columns.id.length;
    this.place = new Map(this.columns.id.map((id, i) => [id, i]));
    this.around = Array.from({ length: this.size }, () => []);
    this.columns.a.forEach((a, e) => {
      this.around[a].push(e);
      this.around[this.columns.b[e]].push(e);
    });
    this.strength = this.around.map((edges) => edges.reduce((sum, e) => sum + this.columns.n[e], 0));
    this.strongest = Math.max(1, ...this.strength.slice(0, 100000));
  }

  /** Radius in pixels: area follows strength. */
  radius(i) {
    return 3 + 9 * Math.sqrt(this.strength[i] / this.strongest);
  }

  color(i, by) {
    if (by === "tier") return TIERS[this.columns.tier[i]] || NONE;
    const cluster = this.columns.cluster[i];
    return cluster ? CLUSTERS[(cluster - 1) % CLUSTERS.length] : NONE;
  }

  /** Colour is never alone: the group or tier stands in the label, and a mark too. */
  label(i) {
    const { label, tier, mark } = this.columns;
    return label[i] + (tier[i] ? ` [${tier[i]}]` : "") + (mark[i] ? ` ${mark[i]}` : "");
  }

  /** Whether the time from first to last of an edge meets a period of seconds; null is all time. */
  edgeInside(e, period) {
    return !period || (this.columns.first[e] <= period[1] && this.columns.last[e] >= period[0]);
  }

  other(e, i) {
    return this.columns.a[e] === i ? this.columns.b[e] : this.columns.a[e];
  }

  neighbours(i) {
    return new Set(this.around[i].map((e) => this.other(e, i)));
  }

  /** Edges of a node inside a period, strongest first, then by the other's label. */
  edgesOf(i, period) {
    const { n, label } = this.columns;
    return this.around[i]
      .filter((e) => this.edgeInside(e, period))
      .sort((e, f) => n[f] - n[e] || label[this.other(e, i)].localeCompare(label[this.other(f, i)]));
  }

  /** At most `most` nodes whose label or id holds the words, beginnings first. */
  search(words, most = 8) {
    const wanted = words.trim().toLocaleLowerCase().replace(/^@/, "");
    if (!wanted) return [];
    const found = [];
    for (let i = 0; i < this.size; i++) {
      const at = [this.columns.label[i], this.columns.id[i]].map((text) => text.toLocaleLowerCase().replace(/^@/, "").indexOf(wanted));
      const best = at.filter((place) => place >= 0);
      if (best.length) found.push([Math.min(...best) ? 1 : 0, i]);
    }
    return found.sort((one, two) => one[0] - two[0] || one[1] - two[1]).slice(0, most).map((one) => one[1]);
  }

  /** What stands in the legend: [colour, key, count], largest first; at most eight. */
  legend(by) {
    const counts = new Map();
    for (let i = 0; i < this.size; i++) {
      const key = by === "tier" ? this.columns.tier[i] : this.columns.cluster[i];
      const known = counts.get(key) || [this.color(i, by), key, 0];
      known[2] += 1;
      counts.set(key, known);
    }
    return [...counts.values()].sort((one, two) => two[2] - one[2]).slice(0, 8);
  }
}
