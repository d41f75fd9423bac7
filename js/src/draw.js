// The same picture on a plain canvas: where there is no WebGL, and for the PNG.

import { FINDING } from "./model.js";

/**
 * Which labels are drawn: what must be, then the largest first, none over one that is there already.
 * @param {{x: number, y: number, width: number, size: number, must: boolean}[]} labels the left end of each and its middle line
 * @returns {number[]} their places in the list
 */
export function withRoom(labels) {
  const order = labels.map((_, i) => i).sort((i, j) => Number(labels[j].must) - Number(labels[i].must) || labels[j].size - labels[i].size || i - j);
  /** @type {number[]} */
  const kept = [];
  for (const i of order) {
    const own = labels[i];
    const free = kept.every((j) => {
      const { x, y, width } = labels[j];
      return Math.abs(own.y - y) > 14 || own.x > x + width || x > own.x + own.width;
    });
    if (own.must || free) kept.push(i);
  }
  return kept;
}

/**
 * Draw a view with place(i) -> [x, y].
 * @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {any} view
 * @param {(i: number) => number[]} place @param {boolean} [moving] true: without edges
 */
export function draw(context, width, height, view, place, moving) {
  const { model } = view;
  context.fillStyle = view.dark ? "#111418" : "#ffffff";
  context.fillRect(0, 0, width, height);
  const points = Array.from({ length: model.size }, (_, i) => place(i));
  context.lineWidth = 1;
  for (let e = 0; e < model.columns.a.length && !moving; e++) {
    if (!view.shown(e)) continue;
    const [one, two] = [points[model.columns.a[e]], points[model.columns.b[e]]];
    context.strokeStyle = view.edgeColor(e);
    context.beginPath();
    context.moveTo(one[0], one[1]);
    context.lineTo(two[0], two[1]);
    context.stroke();
  }
  context.font = "12px 'Noto Sans', 'Noto Sans Devanagari', sans-serif";
  const labels = [], texts = [];
  for (let i = 0; i < model.size; i++) {
    const [x, y] = points[i];
    context.fillStyle = view.nodeColor(i);
    const r = model.radius(i);
    context.beginPath();
    if (model.thing(i)) context.rect(x - r, y - r, 2 * r, 2 * r);
    else context.arc(x, y, r, 0, 7);
    context.fill();
    if (view.picked(i)) {
      context.strokeStyle = FINDING;
      context.lineWidth = 3;
      context.stroke();
      context.lineWidth = 1;
    }
    const inside = x > -width && x < width && y > 0 && y < height;
    if (inside && (view.picked(i) || (!view.dim(i) && model.radius(i) > 8))) {
      const text = view.labelOf ? view.labelOf(i) : model.label(i), size = model.radius(i);
      texts.push(text);
      labels.push({ x: x + size + 3, y, width: context.measureText(text).width, size, must: view.picked(i) });
    }
  }
  context.fillStyle = view.dark ? "#e8eaed" : "#24292f";
  for (const i of withRoom(labels)) context.fillText(texts[i], labels[i].x, labels[i].y + 4);
}

/** Pan, zoom, hover and click on a canvas; the small part of sigma's manners that the view needs. */
export class Plain {
  /** @param {HTMLElement} holder @param {any} view @param {any} on */
  constructor(holder, view, on) {
    this.kind = "canvas";
    this.view = view;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "spmc-plain";
    holder.append(this.canvas);
    this.holder = holder;
    this.width = this.height = 0;
    this.dx = this.dy = 0;
    this.scale = 1;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.still = undefined;
    /** @type {number[]|null} */
    let from = null;
    this.canvas.addEventListener("pointerdown", (event) => { from = [event.offsetX, event.offsetY, 0]; });
    this.canvas.addEventListener("pointermove", (event) => {
      if (from) {
        this.dx += event.offsetX - from[0];
        this.dy += event.offsetY - from[1];
        from = [event.offsetX, event.offsetY, from[2] + 1];
        this.moved();
      } else on.hover(this.at(event.offsetX, event.offsetY));
    });
    this.canvas.addEventListener("pointerup", (event) => {
      if (from && from[2] < 3) on.click(this.at(event.offsetX, event.offsetY), event.shiftKey || event.ctrlKey || event.metaKey);
      from = null;
    });
    this.canvas.addEventListener("dblclick", (event) => {
      const i = this.at(event.offsetX, event.offsetY);
      if (i !== null) on.twice(i);
    });
    this.canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2);
    }, { passive: false });
    this.refresh();
  }

  fit() { this.restore([0, 0, 1]); }
  state() { return [this.dx, this.dy, this.scale]; }
  /** @param {any} state what state() gave */
  restore(state) {
    if (!Array.isArray(state)) return;
    [this.dx, this.dy, this.scale] = state;
    this.refresh();
  }
  /** @param {number} x @param {number} y */
  pan(x, y) { this.dx += x; this.dy += y; this.moved(); }
  /** @param {number} by */
  zoom(by) { this.scale *= by; this.dx *= by; this.dy *= by; this.moved(); }
  resize() { this.refresh(); }
  kill() { clearTimeout(this.still); this.canvas.remove(); }

  /** Draw at once, without edges where there are many; these follow when it stands still. */
  moved() {
    if (!this.view.many) { this.refresh(); return; }
    this.refresh(true);
    clearTimeout(this.still);
    this.still = setTimeout(() => this.refresh(), 200);
  }

  /** @param {number} i */
  place(i) {
    const { x, y } = this.view.model.columns;
    const side = Math.min(this.width, this.height) * 0.9 * this.scale;
    return [
      this.width / 2 + this.dx + (x[i] / 10000 - 0.5) * side,
      this.height / 2 + this.dy - (y[i] / 10000 - 0.5) * side,
    ];
  }

  /** @param {number} i */
  center(i) {
    const [x, y] = this.place(i);
    this.pan(this.width / 2 - x, this.height / 2 - y);
  }

  /** @param {number} x @param {number} y @returns {number|null} */
  at(x, y) {
    let best = null, nearest = Infinity;
    for (let i = 0; i < this.view.model.size; i++) {
      const [px, py] = this.place(i);
      const distance = Math.hypot(px - x, py - y);
      if (distance < this.view.model.radius(i) + 4 && distance < nearest) [best, nearest] = [i, distance];
    }
    return best;
  }

  /** @param {boolean} [moving] */
  refresh(moving) {
    this.width = this.holder.clientWidth || 600;
    this.height = this.holder.clientHeight || 400;
    this.canvas.width = this.width;
    this.canvas.height = this.height;
    const context = this.canvas.getContext("2d");
    if (context) draw(context, this.width, this.height, this.view, (i) => this.place(i), moving);
  }
}
