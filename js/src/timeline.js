// Bars of posts over time; a drag over them chooses a period, and so do the arrow keys.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000, HEIGHT = 60;

/** @param {string} name @param {Record<string, string|number>} attributes @returns {SVGElement} */
function make(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return /** @type {SVGElement} */ (element);
}

export class Timeline {
  /** @param {HTMLElement} holder @param {string} label @param {(period: number[]|null) => void} choose gets [from, to] in seconds, both whole; null is all. */
  constructor(holder, label, choose) {
    this.svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "application", class: "spmc-time" });
    this.svg.setAttribute("aria-label", label);
    this.bars = make("g", {});
    this.marks = make("g", {});
    this.chosen = make("rect", { y: 0, height: HEIGHT, class: "spmc-brush", visibility: "hidden" });
    this.svg.append(this.marks, this.bars, this.chosen);
    holder.append(this.svg);
    /** @type {{start: number, step: number, counts: number[]}|null} */
    this.span = null;
    /** @type {number[]|null} */
    this.period = null;
    this.choose = choose;
    this.svg.addEventListener("keydown", (event) => this.#key(event));
    /** @type {number|null} */
    let from = null;
    /** @param {PointerEvent} event */
    const at = (event) => {
      const box = this.svg.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - box.left) / (box.width || 1)));
    };
    this.svg.addEventListener("pointerdown", (event) => {
      from = at(event);
      this.svg.setPointerCapture(event.pointerId);
    });
    this.svg.addEventListener("pointermove", (event) => {
      if (from !== null) this.#mark(Math.min(from, at(event)), Math.max(from, at(event)));
    });
    this.svg.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const [low, high] = [Math.min(from, at(event)), Math.max(from, at(event))];
      from = null;
      choose(high - low < 0.005 || !this.span ? null : this.toTime(low, high));
    });
    this.svg.addEventListener("pointercancel", () => { from = null; });
  }

  /** Left and right move the period by a bar, with Shift its end; Escape is all time. @param {KeyboardEvent} event */
  #key(event) {
    if (!this.span || !["ArrowLeft", "ArrowRight", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    this.choose(event.key === "Escape" ? null : this.stepped(event.key === "ArrowRight" ? 1 : -1, event.shiftKey));
  }

  /** The period one bar on or back, never beyond the bars; the first press takes the first bar. @param {number} by @param {boolean} end the end alone */
  stepped(by, end) {
    if (!this.span) return null;
    const { start, step, counts } = this.span, last = start + step * counts.length;
    if (!this.period) return [start, start + step];
    const [low, high] = this.period;
    if (end) return [low, Math.min(last, Math.max(low + step, high + by * step))];
    const move = Math.max(start - low, Math.min(last - high, by * step));
    return [low + move, high + move];
  }

  /** Shares of the width as whole steps of the bars. @param {number} low @param {number} high */
  toTime(low, high) {
    if (!this.span) return null;
    const { start, step, counts } = this.span;
    const first = Math.floor(low * counts.length), last = Math.max(first + 1, Math.ceil(high * counts.length));
    return [start + first * step, start + last * step];
  }

  /** @param {any} span as `bins` of the README */
  show(span) {
    this.span = span && span.counts && span.counts.length ? span : null;
    this.bars.replaceChildren();
    this.marks.replaceChildren();
    this.svg.style.display = this.span ? "" : "none";
    this.svg.setAttribute("tabindex", this.span ? "0" : "-1");
    if (!this.span) return;
    this.#calendar(span.marks || []);
    const { counts } = this.span;
    const most = Math.max(1, ...counts), wide = WIDTH / counts.length;
    counts.forEach((count, i) => {
      const high = (HEIGHT - 2) * count / most;
      this.bars.append(make("rect", { x: i * wide, y: HEIGHT - high, width: Math.max(0.5, wide * 0.9), height: high, class: "spmc-bar" }));
    });
  }

  /** What the calendar marks: a shade between two lines, a row of strokes, a bar above; by form, so that it holds in grey. @param {{kind: string, from: number, to: number, label: string}[]} marks */
  #calendar(marks) {
    if (!this.span) return;
    const { start, step, counts } = this.span, whole = step * counts.length;
    for (const one of marks) {
      const left = Math.max(0, (one.from - start) / whole) * WIDTH, right = Math.min(1, (one.to - start) / whole) * WIDTH;
      if (right <= left) continue;
      const group = make("g", { class: `spmc-mark spmc-mark-${one.kind}` });
      const title = make("title", {});
      title.textContent = one.label;
      group.append(title);
      if (one.kind === "silence") {
        group.append(make("rect", { x: left, y: 0, width: right - left, height: HEIGHT }));
        for (const x of [left, right]) group.append(make("line", { x1: x, x2: x, y1: 0, y2: HEIGHT }));
      } else if (one.kind === "festival") {
        const strokes = Math.max(1, Math.round((right - left) / 6));
        for (let i = 0; i < strokes; i++) {
          const x = left + (i + 0.5) * (right - left) / strokes;
          group.append(make("line", { x1: x - 2, x2: x + 2, y1: HEIGHT, y2: 0 }));
        }
      } else group.append(make("rect", { x: left, y: 0, width: Math.max(2, right - left), height: 4 }));
      this.marks.append(group);
    }
  }

  /** @param {number[]|null} period */
  select(period) {
    this.period = period;
    if (!period || !this.span) {
      this.chosen.setAttribute("visibility", "hidden");
      return;
    }
    const whole = this.span.step * this.span.counts.length;
    this.#mark((period[0] - this.span.start) / whole, (period[1] - this.span.start) / whole);
  }

  /** @param {number} low @param {number} high */
  #mark(low, high) {
    this.chosen.setAttribute("visibility", "visible");
    this.chosen.setAttribute("x", String(Math.max(0, low) * WIDTH));
    this.chosen.setAttribute("width", String(Math.max(2, (Math.min(1, high) - Math.max(0, low)) * WIDTH)));
  }
}
