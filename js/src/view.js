// The network view: every word comes from outside; every name is set as text, never as markup.

import { draw, Plain } from "./draw.js";
import { Fast, hasWebGL } from "./fast.js";
import { inside, Lasso } from "./lasso.js";
import { BY, FINDING, Model, THING } from "./model.js";
import { sha256, svg, withFacts } from "./picture.js";
import css from "./style.css";
import { Timeline } from "./timeline.js";

const MANY = 5000;

/** @param {string} name @param {string} [className] @param {string} [text] @returns {any} */
function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** @type {CSSStyleSheet|null} */
let sheet = null;

/** The style as a sheet of the document: a Content-Security-Policy without inline styles lets it through. */
function dress() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

export class View {
  /** @param {any} widget what a widget of anywidget or a Store offers @param {HTMLElement} el */
  constructor(widget, el) {
    this.widget = widget;
    this.root = element("div", "spmc-net");
    this.focus = false;
    this.lassoing = false;
    this.lost = false;
    /** width and height in which the scene was drawn */
    this.size = "";
    /** @type {number|null} a node that the keyboard stands on */
    this.current = null;
    this.whole = new Model(widget.get("graph"));
    this.model = this.whole;
    /** @type {Set<number>} */
    this.chosen = new Set();
    /** @type {Set<number>} */
    this.near = new Set();
    /** @type {number[]} accounts of each node that have a link in the period; without a period all */
    this.inside = [];
    /** @type {number|undefined} */
    this.chosenEdge = undefined;
    this.kindOfColor = "cluster";
    /** @type {any} a Fast or a Plain */
    this.scene = null;
    /** @type {any} */
    this.timeline = null;
    /** @type {any} */
    this.by = element("select");
    /** @type {any} */
    this.lasso = null;
    dress();
    el.append(this.root);
    /** @type {[string, () => void][]} */
    this.listeners = [];
    this.build();
    this.on("change:graph", () => { this.whole = new Model(this.widget.get("graph")); this.draw(); });
    this.on("change:bins", () => { this.timeline.show(this.widget.get("bins")); this.timeline.select(this.period()); });
    this.on("change:period", () => { this.timeline.select(this.period()); this.refresh(); });
    this.on("change:selected change:edge", () => this.refresh());
    this.on("change:color_by", () => { this.by.value = this.widget.get("color_by"); this.refresh(); });
    this.on("change:folded", () => this.draw());
    this.on("change:words", () => this.build());
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(this.root);
    // A page that changes its theme may lay itself out anew around us: what was drawn meanwhile has the size of that moment.
    this.theme = new MutationObserver(() => {
      if (this.isDark() === this.dark) return;
      this.draw();
      requestAnimationFrame(() => this.resized());
    });
    this.theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  }

  /** Draw anew where the stage has another size than when it was drawn: the observer speaks up once at the start, too. */
  resized() {
    const size = `${this.stage.clientWidth} ${this.stage.clientHeight}`;
    if (!this.scene || size === this.size) return;
    this.size = size;
    this.scene.resize();
  }

  /** @param {string} what @param {() => void} how */
  on(what, how) {
    this.widget.on(what, how);
    this.listeners.push([what, how]);
  }

  /** @param {string} key @returns {string} */
  word(key) { return (this.widget.get("words") || {})[key] || key; }
  /** @param {string} key @param {Record<string, any>} values */
  fill(key, values) {
    return this.word(key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }
  /** @returns {number[]|null} */
  period() { const given = this.widget.get("period"); return given && given.length === 2 ? given : null; }
  isDark() {
    const theme = this.widget.get("theme");
    return theme === "dark" || (theme !== "light" && document.body.dataset.jpThemeLight === "false");
  }
  /** @param {number} seconds */
  clock(seconds) {
    const language = this.widget.get("language") === "hi" ? "hi-IN-u-nu-latn" : "en-GB";
    const how = /** @type {const} */ ({ timeZone: "Asia/Kolkata", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false });
    return new Intl.DateTimeFormat(language, how).format(1000 * seconds);
  }

  build() {
    if (this.scene) this.scene.kill();
    this.scene = null;
    this.root.replaceChildren();
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", this.word("title"));
    this.found = element("div", "spmc-found");
    this.stage = element("div", "spmc-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    // The wheel is the page's: who scrolls down to the posts is not to be caught here. With Ctrl it zooms, as in a map.
    this.stage.addEventListener("wheel", (/** @type {WheelEvent} */ event) => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    }, { capture: true, passive: true });
    this.stage.addEventListener("webglcontextlost", () => { this.lost = true; this.draw(); }, true);
    this.lasso = new Lasso(this.stage, (polygon, more) => this.caught(polygon, more));
    this.card = element("div", "spmc-card");
    this.card.hidden = true;
    this.legend = element("div", "spmc-legend");
    this.says = element("div", "spmc-says");
    this.says.setAttribute("role", "status");
    this.edges = element("ul", "spmc-edges");
    const tools = this.tools();
    this.root.append(...(this.widget.get("small") ? [] : [tools, this.found]));
    this.timeline = new Timeline(this.root, this.word("timeline"), (/** @type {number[]|null} */ period) => this.set({ period: period || [] }));
    this.root.append(this.stage, this.legend, this.says, this.edges);
    this.timeline.show(this.widget.get("bins"));
    this.timeline.select(this.period());
    this.draw();
  }

  tools() {
    const tools = element("div", "spmc-bar-of-tools");
    this.searched = element("input");
    this.searched.type = "search";
    this.searched.placeholder = this.word("search");
    this.searched.setAttribute("aria-label", this.word("search"));
    this.searched.addEventListener("input", () => this.search());
    this.searched.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      event.stopPropagation();
      if (event.key !== "Enter") return;
      const [first] = this.model.search(this.searched.value);
      if (first !== undefined) this.pick(first, true, event.shiftKey);
    });
    tools.append(this.searched);
    /** @param {string} key @param {() => void} how @param {boolean} [toggle] */
    const button = (key, how, toggle) => {
      const made = element("button", "", this.word(key));
      made.type = "button";
      if (toggle) made.setAttribute("aria-pressed", "false");
      made.addEventListener("click", how);
      made.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter") event.stopPropagation(); });
      tools.append(made);
      return made;
    };
    this.focusing = button("focus", () => this.toggleFocus(), true);
    this.catching = button("lasso", () => this.toggleLasso(), true);
    this.folding = button("fold", () => this.foldAll(), true);
    button("fit", () => this.scene.fit());
    button("larger", () => this.scene.zoom(1.4));
    button("smaller", () => this.scene.zoom(1 / 1.4));
    if (this.widget.get("pictures") !== false) {
      button("png", () => this.savePng());
      button("svg", () => this.saveSvg());
    }
    this.by = element("select");
    this.by.setAttribute("aria-label", this.word("color"));
    const colors = this.widget.get("colors") || BY;
    for (const key of colors) {
      const option = element("option", "", `${this.word("color")}: ${this.word("by_" + key)}`);
      option.value = key;
      this.by.append(option);
    }
    this.by.value = this.widget.get("color_by");
    this.by.addEventListener("change", () => this.set({ color_by: this.by.value }));
    if (colors.length > 1) tools.append(this.by);
    return tools;
  }

  draw() {
    const seen = this.scene ? this.scene.state() : null;
    if (this.scene) this.scene.kill();
    const folded = this.widget.get("folded") || [];
    this.model = this.whole.folded(folded, (group, count) => this.fill("group", { group, count }));
    this.folding.setAttribute("aria-pressed", String(this.model !== this.whole));
    this.folding.disabled = !this.whole.groups().length;
    this.dark = this.isDark();
    this.root.classList.toggle("spmc-dark", this.dark);
    this.stage.replaceChildren(this.card);
    this.current = null;
    this.hover(null);
    this.prepare();
    const on = {
      hover: (/** @type {number|null} */ i) => this.hover(i),
      click: (/** @type {number|null} */ i, /** @type {boolean} */ more) => this.pick(i, false, more),
      twice: (/** @type {number} */ i) => this.foldOne(i),
    };
    this.scene = this.make(on);
    this.root.dataset.renderer = this.scene.kind;
    if (!this.model.size) this.stage.append(element("p", "spmc-nothing", this.word("nothing")));
    this.stage.append(this.card);
    this.lasso.turn(this.lassoing);
    this.size = `${this.stage.clientWidth} ${this.stage.clientHeight}`;
    if (seen) this.scene.restore(seen);
    this.tell();
  }

  /** @param {any} on */
  make(on) {
    if (!this.lost && hasWebGL()) {
      try {
        return new Fast(this.stage, this, on);
      } catch {
        this.stage.replaceChildren(this.card);
      }
    }
    return new Plain(this.stage, this, on);
  }

  /** What colours and visibility depend on, worked out once for each change. */
  prepare() {
    const { model, whole } = this;
    this.kindOfColor = this.widget.get("color_by");
    const ids = new Set(this.widget.get("selected") || []);
    this.chosen = new Set();
    /** @param {number} one */
    const picked = (one) => whole.thing(one) || ids.has(whole.columns.id[one]);
    if (ids.size) model.members.forEach((own, i) => { if (!model.thing(i) && own.every(picked)) this.chosen.add(i); });
    const [a, b] = (this.widget.get("edge") || []).map((/** @type {string} */ id) => model.place.get(id));
    this.chosenEdge = a === undefined || b === undefined ? undefined : model.around[a].find((e) => model.other(e, a) === b);
    const period = this.period();
    this.inside = period ? model.inside(period) : model.members.map((own, i) => model.accounts[i] || own.length);
    this.near = new Set(this.chosen);
    for (const i of this.chosen) for (const j of model.neighbours(i)) this.near.add(j);
  }

  /** @param {number} i */
  picked(i) { return this.chosen.has(i) || this.current === i; }
  /** Grey: not near what is chosen, or without a link in the period. @param {number} i */
  dim(i) { return !this.chosen.has(i) && !this.lit(i); }
  /** Accounts of a node that the picture shows. @param {number} i */
  lit(i) { return this.focus && this.chosen.size > 0 && !this.near.has(i) ? 0 : this.inside[i]; }
  /** @param {number} e */
  shown(e) {
    if (!this.model.edgeInside(e, this.period())) return false;
    return !(this.focus && this.chosen.size) || this.chosen.has(this.model.columns.a[e]) || this.chosen.has(this.model.columns.b[e]);
  }
  /** @param {number} e */
  heavy(e) { return e === this.chosenEdge; }
  /** @param {number} i */
  nodeColor(i) {
    if (this.dim(i)) return this.dark ? "#2b3138" : "#e3e7eb";
    if (this.chosen.has(i)) return FINDING;
    const color = this.model.color(i, this.kindOfColor);
    return this.dark && (color === THING || color === "#24292f" || color === "#1f3a5f" || color === "#2c115f") ? "#c9d1da" : color;
  }
  /** @param {number} e */
  edgeColor(e) {
    if (this.heavy(e)) return FINDING;
    const near = this.chosen.has(this.model.columns.a[e]) || this.chosen.has(this.model.columns.b[e]);
    return near ? "#e59b6a" : this.dark ? "#6b7683" : "#98a5b3";
  }
  get many() { return this.model.columns.a.length > MANY; }

  refresh() {
    this.prepare();
    this.scene.refresh();
    this.tell();
  }

  /** Say beside the picture what is in it. */
  tell() {
    const { model } = this;
    const links = model.columns.a.map((_, e) => e).filter((e) => !model.spoke(e)), all = links.length;
    const nodes = model.members.filter((_, i) => !model.thing(i)).length, things = model.size - nodes;
    this.stage.setAttribute("aria-label", this.fill("stage", { count: nodes, all }));
    const visible = links.filter((e) => this.shown(e)).length;
    const count = model.members.reduce((sum, _, i) => sum + (model.thing(i) ? 0 : this.lit(i)), 0);
    const size = this.whole.accounts.reduce((sum, one) => sum + one, 0);
    const lines = [this.covers(), this.fill("shown", { count: visible, all })];
    if (count < size) lines.push(this.fill("shown_accounts", { count, all: size }));
    if (things) lines.push(this.fill("things", { count: things }));
    this.says.textContent = lines.filter(Boolean).join(" ");
    this.root.dataset.edgesShown = String(visible);
    this.root.dataset.nodesShown = String(nodes);
    this.root.dataset.thingsShown = String(things);
    this.root.dataset.chosen = String(this.chosen.size);
    this.listLegend();
    this.listEdges();
  }

  /** How many of those who may be named are in the picture: a sentence that comes with the graph. @returns {string} */
  covers() { return String((this.widget.get("graph") || {}).covers || ""); }

  listLegend() {
    const rows = this.model.legend(this.kindOfColor, (i) => this.lit(i)).map(([color, kind, all, count]) => {
      const row = element("span");
      const dot = element("i");
      dot.style.background = color;
      row.append(dot, document.createTextNode(`${this.kindSays(kind)}: ${count === all ? count : this.fill("of", { count, all })}`));
      return row;
    });
    this.legend.replaceChildren(...rows);
  }

  /** @param {number|string} kind */
  kindSays(kind) {
    const by = this.kindOfColor;
    if (!kind) return this.word("none");
    if (kind === -1) return this.word("several");
    if (by === "trace") return this.model.columns.traces[Number(kind) - 1] ?? String(kind);
    if (by !== "first") return `${this.word("by_" + by)} ${kind}`;
    const [low, high] = this.model.between(Number(kind));
    if (low === null) return this.fill("until", { until: this.clock(high ?? 0) });
    return high === null ? this.fill("from", { from: this.clock(low) }) : `${this.clock(low)} – ${this.clock(high)}`;
  }

  listEdges() {
    const [i] = this.chosen.size === 1 || this.chosenEdge !== undefined ? this.chosen : [undefined];
    if (i === undefined) { this.edges.replaceChildren(); return; }
    const { model } = this;
    const rows = model.edgesOf(i, this.period()).slice(0, 200).map((e) => {
      const row = element("li"), other = model.other(e, i);
      const single = !model.spoke(e) && model.members[i].length === 1 && model.members[other].length === 1;
      const text = `${model.label(i)} – ${model.label(other)}: ${model.columns.says[e] || model.columns.n[e]}`;
      const made = element("button", "", text);
      made.type = "button";
      made.setAttribute("aria-pressed", String(e === this.chosenEdge));
      made.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter") event.stopPropagation(); });
      made.addEventListener("click", () => {
        if (single) this.set({ edge: [model.columns.id[i], model.columns.id[other]] });
        else this.set({ edge: [], selected: [...new Set([...this.idsOf(i), ...this.idsOf(other)])] });
      });
      row.append(made);
      return row;
    });
    this.edges.replaceChildren(...rows);
  }

  /** @param {Record<string, any>} values */
  set(values) {
    for (const [key, value] of Object.entries(values)) this.widget.set(key, value);
    this.widget.save_changes();
  }

  /** Accounts of a node; of a thing those that touched it. @param {number} i @returns {string[]} */
  idsOf(i) {
    const { model, whole } = this;
    if (model.thing(i)) return [...new Set([...model.neighbours(i)].flatMap((j) => (model.thing(j) ? [] : this.idsOf(j))))];
    return model.members[i].filter((one) => !whole.thing(one)).map((one) => whole.columns.id[one]);
  }

  /** Choose a node, or with `more` add it to what is chosen or take it out. @param {number|null} i @param {boolean} [move] @param {boolean} [more] */
  pick(i, move, more) {
    this.current = null;
    if (i === null) {
      if (!more) this.set({ selected: [], edge: [] });
      return;
    }
    const own = this.idsOf(i);
    const before = more ? (this.widget.get("selected") || []) : [];
    const kept = before.filter((/** @type {string} */ id) => !own.includes(id));
    const chosen = this.chosen.has(i) || (this.model.thing(i) && own.every((id) => before.includes(id)));
    this.set({ selected: more && chosen ? kept : [...kept, ...own], edge: [] });
    if (move) this.scene.center(i);
  }

  /** @param {number[][]} polygon @param {boolean} more */
  caught(polygon, more) {
    const ids = new Set(more ? this.widget.get("selected") || [] : []);
    for (let i = 0; i < this.model.size; i++) {
      const [x, y] = this.scene.place(i);
      if (!this.model.thing(i) && inside(polygon, x, y)) for (const id of this.idsOf(i)) ids.add(id);
    }
    this.set({ selected: [...ids], edge: [] });
  }

  /** @param {number|null} i */
  hover(i) {
    this.card.hidden = i === null;
    if (i === null) return;
    const began = this.model.began[i];
    const first = began === null || !began ? "" : this.fill("began", { at: this.clock(began) });
    this.card.textContent = [this.model.label(i), this.model.columns.note[i], first].filter(Boolean).join("\n");
  }

  search() {
    const rows = this.model.search(this.searched.value).map((i) => {
      const made = element("button", "", this.model.label(i));
      made.type = "button";
      made.addEventListener("click", () => this.pick(i, true));
      return made;
    });
    this.found.replaceChildren(...rows);
    if (this.searched.value.trim() && !rows.length) this.found.textContent = this.word("not_found");
  }

  toggleFocus() {
    this.focus = !this.focus;
    this.focusing.setAttribute("aria-pressed", String(this.focus));
    this.refresh();
  }

  toggleLasso() {
    this.lassoing = !this.lassoing;
    this.catching.setAttribute("aria-pressed", String(this.lassoing));
    this.lasso.turn(this.lassoing);
  }

  foldAll() {
    this.set({ folded: this.model === this.whole ? this.whole.groups() : [] });
    this.scene.fit();
  }

  /** Fold the group of a node, or unfold it. @param {number} i */
  foldOne(i) {
    const group = this.model.columns.cluster[i], folded = this.widget.get("folded") || [];
    if (!group) return;
    this.set({ folded: folded.includes(group) ? folded.filter((/** @type {number} */ one) => one !== group) : [...folded, group].sort((a, b) => a - b) });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = 60, order = this.model.size;
    const at = this.current ?? [...this.chosen][0] ?? -1;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.scene.pan(step, 0), ArrowRight: () => this.scene.pan(-step, 0),
      ArrowUp: () => this.scene.pan(0, step), ArrowDown: () => this.scene.pan(0, -step),
      "+": () => this.scene.zoom(1.4), "=": () => this.scene.zoom(1.4), "-": () => this.scene.zoom(1 / 1.4), "0": () => this.scene.fit(),
      n: () => this.step((at + 1) % order), p: () => this.step((at - 1 + order) % order),
      f: () => this.toggleFocus(), l: () => this.toggleLasso(), g: () => this.foldAll(),
      c: () => { if (at >= 0) this.foldOne(at); },
      Enter: () => { if (this.current !== null) this.pick(this.current, false, event.shiftKey); },
      " ": () => { if (this.current !== null) { const own = this.current; this.pick(own, false, true); this.current = own; this.scene.refresh(); } },
      Escape: () => { this.hover(null); this.pick(null, false); },
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key] || !order) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }

  /** Stand on a node without choosing it: the card and the status say which. @param {number} i */
  step(i) {
    this.current = i;
    this.hover(i);
    this.scene.center(i);
    this.scene.refresh();
    this.says.textContent = this.card.textContent;
  }

  /** Facts that a saved picture carries inside. @returns {Record<string, string>} */
  facts() {
    /** @type {Record<string, string>} */
    const made = {};
    for (const [key, value] of Object.entries(this.widget.get("facts") || {})) if (/^[a-z]+$/.test(key) && value) made[key] = String(value);
    return made;
  }

  /** The same view on white, with the labels that may leave. */
  paper() {
    const { model } = this;
    const own = Object.create(this, { dark: { value: false } });
    own.labelOf = (/** @type {number} */ i) => model.label(i, !this.widget.get("names"));
    return own;
  }

  async savePng() {
    const width = this.stage.clientWidth || 800, height = this.stage.clientHeight || 440;
    const canvas = element("canvas");
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    draw(context, width, height, this.paper(), (/** @type {number} */ i) => this.scene.place(i));
    context.fillStyle = "#24292f";
    context.fillText(this.covers(), 8, height - 24);
    context.fillText(this.word("stamp"), 8, height - 8);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    const bytes = new Uint8Array(await /** @type {Blob} */ (blob).arrayBuffer());
    await this.save("network.png", "image/png", withFacts(bytes, this.facts()));
  }

  async saveSvg() {
    const width = this.stage.clientWidth || 800, height = this.stage.clientHeight || 440;
    const { model } = this, paper = this.paper();
    const at = Array.from({ length: model.size }, (_, i) => this.scene.place(i));
    const lines = model.columns.a.map((a, e) => ({ e, a, b: model.columns.b[e] })).filter(({ e }) => this.shown(e)).map(({ e, a, b }) => (
      { x1: at[a][0], y1: at[a][1], x2: at[b][0], y2: at[b][1], color: paper.edgeColor(e), wide: this.heavy(e) }));
    const dots = at.map(([x, y], i) => ({
      x, y, r: model.radius(i), square: model.thing(i), color: paper.nodeColor(i), ring: this.picked(i) ? FINDING : null,
      label: this.picked(i) || (!this.dim(i) && model.radius(i) > 8) ? paper.labelOf(i) : null, title: paper.labelOf(i),
    }));
    const text = svg({ width, height, ground: "#ffffff", ink: "#24292f", title: this.word("title"), stamp: this.word("stamp"), covers: this.covers(), facts: this.facts(), lines, dots });
    await this.save("network.svg", "image/svg+xml", new TextEncoder().encode(text));
  }

  /** Give the file to the browser; Python is told, and writes it into the custody log. @param {string} name @param {string} type @param {Uint8Array} bytes */
  async save(name, type, bytes) {
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (bytes)], { type }));
    link.download = `${this.facts().case ? this.facts().case + "-" : ""}${name}`;
    this.widget.send({ kind: "saved", file: link.download, sha256: await sha256(bytes), names: Boolean(this.widget.get("names")) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  end() {
    for (const [what, how] of this.listeners) this.widget.off(what, how);
    this.watch.disconnect();
    this.theme.disconnect();
    if (this.scene) this.scene.kill();
    this.root.remove();
  }
}
