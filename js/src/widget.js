// The network view in JupyterLab. Every word comes from Python; every name is set as text, never as markup.

import { draw, Plain } from "./draw.js";
import { Fast, hasWebGL } from "./fast.js";
import { FINDING, Model } from "./model.js";
import css from "./style.css";
import { Timeline } from "./timeline.js";

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export class View {
  /** `style`: the text of a style sheet to put in; "" where the page has it already. */
  constructor(model, el, style = css) {
    this.widget = model;
    this.root = element("div", "spmc-net");
    this.focus = false;
    this.current = null;
    if (style) el.append(element("style", "", style));
    el.append(this.root);
    this.listeners = [];
    this.build();
    this.on("change:graph", () => this.draw());
    this.on("change:bins", () => { this.timeline.show(this.widget.get("bins")); this.timeline.select(this.period()); });
    this.on("change:period", () => { this.timeline.select(this.period()); this.refresh(); });
    this.on("change:selected change:edge", () => this.refresh());
    this.on("change:color_by", () => this.refresh());
    this.on("change:words", () => { this.build(); });
    this.watch = new ResizeObserver(() => this.scene && this.scene.resize());
    this.watch.observe(this.root);
    this.theme = new MutationObserver(() => { if (this.isDark() !== this.dark) this.draw(); });
    this.theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  }

  on(what, how) {
    this.widget.on(what, how);
    this.listeners.push([what, how]);
  }

  word(key) { return (this.widget.get("words") || {})[key] || key; }
  period() { const given = this.widget.get("period"); return given && given.length === 2 ? given : null; }
  isDark() { return document.body.dataset.jpThemeLight === "false"; }

  build() {
    if (this.scene) this.scene.kill();
    this.scene = null;
    this.root.replaceChildren();
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", this.word("title"));
    const tools = element("div", "spmc-bar-of-tools");
    this.searched = element("input");
    this.searched.type = "search";
    this.searched.placeholder = this.word("search");
    this.searched.setAttribute("aria-label", this.word("search"));
    this.found = element("div", "spmc-found");
    this.searched.addEventListener("input", () => this.search());
    this.searched.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") { const [first] = this.model.search(this.searched.value); if (first !== undefined) this.pick(first, true); }
    });
    const button = (key, how) => {
      const made = element("button", "", this.word(key));
      made.type = "button";
      made.addEventListener("click", how);
      tools.append(made);
      return made;
    };
    tools.append(this.searched);
    this.focusing = button("focus", () => this.toggleFocus());
    button("fit", () => this.scene.fit());
    button("larger", () => this.scene.zoom(1.4));
    button("smaller", () => this.scene.zoom(1 / 1.4));
    button("png", () => this.snapshot());
    const by = element("select");
    by.setAttribute("aria-label", this.word("color"));
    const colors = this.widget.get("colors") || ["cluster", "tier"];
    for (const key of colors) {
      const option = element("option", "", this.word("by_" + key));
      option.value = key;
      by.append(option);
    }
    by.value = this.widget.get("color_by");
    by.addEventListener("change", () => { this.widget.set("color_by", by.value); this.widget.save_changes(); });
    if (colors.length > 1) tools.append(by);
    this.stage = element("div", "spmc-stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.card = element("div", "spmc-card");
    this.card.hidden = true;
    this.legend = element("div", "spmc-legend");
    this.says = element("div", "spmc-says");
    this.says.setAttribute("role", "status");
    this.edges = element("ul", "spmc-edges");
    this.root.append(tools, this.found);
    this.timeline = new Timeline(this.root, this.word("timeline"), (period) => this.choose(period));
    this.root.append(this.stage, this.legend, this.says, this.edges);
    this.timeline.show(this.widget.get("bins"));
    this.timeline.select(this.period());
    this.draw();
  }

  draw() {
    if (this.scene) this.scene.kill();
    this.model = new Model(this.widget.get("graph"));
    this.dark = this.isDark();
    this.root.classList.toggle("spmc-dark", this.dark);
    this.stage.replaceChildren(this.card);
    this.current = null;
    this.prepare();
    const on = { hover: (i) => this.hover(i), click: (i) => this.pick(i, false) };
    this.kind = "canvas";
    try {
      if (hasWebGL()) {
        this.scene = new Fast(this.stage, this, on);
        this.kind = "webgl";
      }
    } catch (error) {
      this.stage.replaceChildren(this.card);
      this.scene = null;
    }
    if (!this.scene || this.kind === "canvas") this.scene = new Plain(this.stage, this, on);
    this.stage.append(this.card);
    this.root.dataset.renderer = this.kind;
    this.refresh();
  }

  /** What colours and visibility depend on, worked out once for each change. */
  prepare() {
    this.by = this.widget.get("color_by");
    const places = (this.widget.get("selected") || []).map((id) => this.model.place.get(id)).filter((i) => i !== undefined);
    this.chosen = new Set(places);
    const edge = (this.widget.get("edge") || []).map((id) => this.model.place.get(id));
    this.chosenEdge = edge.length === 2 ? this.model.around[edge[0]]?.find((e) => this.model.other(e, edge[0]) === edge[1]) : undefined;
    this.near = new Set(this.chosen);
    for (const i of this.chosen) for (const j of this.model.neighbours(i)) this.near.add(j);
  }

  picked(i) { return this.chosen.has(i) || this.current === i; }
  dim(i) { return this.focus && this.chosen.size > 0 && !this.near.has(i); }
  shown(e) {
    if (!this.model.edgeInside(e, this.period())) return false;
    return !(this.focus && this.chosen.size) || this.chosen.has(this.model.columns.a[e]) || this.chosen.has(this.model.columns.b[e]);
  }
  heavy(e) { return e === this.chosenEdge; }
  nodeColor(i) {
    if (this.dim(i)) return this.dark ? "#2b3138" : "#e3e7eb";
    return this.chosen.has(i) ? FINDING : this.model.color(i, this.by);
  }
  edgeColor(e) {
    if (this.heavy(e)) return FINDING;
    const near = this.chosen.has(this.model.columns.a[e]) || this.chosen.has(this.model.columns.b[e]);
    return near ? "#e59b6a" : this.dark ? "#6b7683" : "#98a5b3";
  }

  refresh() {
    this.prepare();
    this.scene.refresh();
    this.stage.setAttribute("aria-label", this.fill("stage", { count: this.model.size, all: this.model.columns.a.length }));
    const rows = this.model.legend(this.by).map(([color, key, count]) => {
      const row = element("span");
      const dot = element("i");
      dot.style.background = color;
      row.append(dot, document.createTextNode(key ? `${this.word("by_" + this.by)} ${key}: ${count}` : `${this.word("none")}: ${count}`));
      return row;
    });
    this.legend.replaceChildren(...rows);
    const visible = this.model.columns.a.reduce((sum, _, e) => sum + (this.shown(e) ? 1 : 0), 0);
    this.says.textContent = this.fill("shown", { count: visible, all: this.model.columns.a.length });
    this.root.dataset.edgesShown = String(visible);
    this.listEdges();
  }

  fill(key, values) {
    return this.word(key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  listEdges() {
    const [i] = this.chosen.size === 1 || this.chosenEdge !== undefined ? this.chosen : [undefined];
    if (i === undefined) { this.edges.replaceChildren(); return; }
    const rows = this.model.edgesOf(i, this.period()).slice(0, 200).map((e) => {
      const row = element("li"), other = this.model.other(e, i);
      const text = `${this.model.label(i)} – ${this.model.label(other)}: ${this.model.columns.says[e] || this.model.columns.n[e]}`;
      const made = element("button", "", text);
      made.type = "button";
      made.setAttribute("aria-pressed", String(e === this.chosenEdge));
      made.addEventListener("keydown", (event) => { if (event.key === "Enter") event.stopPropagation(); });
      made.addEventListener("click", () => this.set({ edge: [this.model.columns.id[i], this.model.columns.id[other]] }));
      row.append(made);
      return row;
    });
    this.edges.replaceChildren(...rows);
  }

  set(values) {
    for (const [key, value] of Object.entries(values)) this.widget.set(key, value);
    this.widget.save_changes();
  }

  choose(period) { this.set({ period: period || [] }); }

  pick(i, move) {
    this.current = null;
    this.set({ selected: i === null ? [] : [this.model.columns.id[i]], edge: [] });
    if (i !== null && move) this.scene.center(i);
  }

  hover(i) {
    this.card.hidden = i === null;
    if (i !== null) this.card.textContent = [this.model.label(i), this.model.columns.note[i]].filter(Boolean).join("\n");
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

  key(event) {
    const step = 60, order = this.model.size;
    const at = this.current ?? [...this.chosen][0] ?? -1;
    const keys = {
      ArrowLeft: () => this.scene.pan(step, 0), ArrowRight: () => this.scene.pan(-step, 0),
      ArrowUp: () => this.scene.pan(0, step), ArrowDown: () => this.scene.pan(0, -step),
      "+": () => this.scene.zoom(1.4), "=": () => this.scene.zoom(1.4), "-": () => this.scene.zoom(1 / 1.4), "0": () => this.scene.fit(),
      n: () => this.step((at + 1) % order), p: () => this.step((at - 1 + order) % order),
      f: () => this.toggleFocus(), Enter: () => this.current !== null && this.pick(this.current, false),
      Escape: () => { this.hover(null); this.pick(null, false); },
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key] || !order) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }

  /** Stand on a node without choosing it: the card and the status say which. */
  step(i) {
    this.current = i;
    this.hover(i);
    this.scene.center(i);
    this.scene.refresh();
    this.says.textContent = this.card.textContent;
  }

  snapshot() {
    const width = this.stage.clientWidth || 800, height = this.stage.clientHeight || 440;
    const canvas = element("canvas");
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    draw(context, width, height, this, (i) => this.scene.place(i));
    context.fillStyle = this.dark ? "#e8eaed" : "#24292f";
    context.fillText(this.word("stamp"), 8, height - 8);
    const link = element("a");
    link.href = canvas.toDataURL("image/png");
    link.download = "network.png";
    link.click();
  }

  end() {
    for (const [what, how] of this.listeners) this.widget.off(what, how);
    this.watch.disconnect();
    this.theme.disconnect();
    if (this.scene) this.scene.kill();
  }
}

export default {
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.end();
  },
};
