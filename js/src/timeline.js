// Bars of posts over time; a drag over them chooses a period.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000, HEIGHT = 60;

function make(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export class Timeline {
  /** @param {(period: number[]|null) => void} choose gets [from, to] in seconds, both whole; null is all. */
  constructor(holder, label, choose) {
    this.svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", class: "spmc-time" });
    this.svg.setAttribute("aria-label", label);
    this.bars = make("g", {});
    this.chosen = make("rect", { y: 0, height: HEIGHT, class: "spmc-brush", visibility: "hidden" });
    this.svg.append(this.bars, this.chosen);
    holder.append(this.svg);
    let from = null;
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

  /** Shares of the width as whole steps of the bars. */
  toTime(low, high) {
    const { start, step, counts } = this.span;
    const first = Math.floor(low * counts.length), last = Math.max(first + 1, Math.ceil(high * counts.length));
    return [start + first * step, start + last * step];
  }

  show(span) {
    this.span = span && span.counts && span.counts.length ? span : null;
    this.bars.replaceChildren();
    if (!this.span) return;
    const { counts } = this.span;
    const most = Math.max(1, ...counts), wide = WIDTH / counts.length;
    counts.forEach((count, i) => {
      const high = (HEIGHT - 2) * count / most;
      this.bars.append(make("rect", { x: i * wide, y: HEIGHT - high, width: Math.max(0.5, wide * 0.9), height: high, class: "spmc-bar" }));
    });
  }

  select(period) {
    if (!period || !this.span) {
      this.chosen.setAttribute("visibility", "hidden");
      return;
    }
    const whole = this.span.step * this.span.counts.length;
    this.#mark((period[0] - this.span.start) / whole, (period[1] - this.span.start) / whole);
  }

  #mark(low, high) {
    this.chosen.setAttribute("visibility", "visible");
    this.chosen.setAttribute("x", Math.max(0, low) * WIDTH);
    this.chosen.setAttribute("width", Math.max(2, (Math.min(1, high) - Math.max(0, low)) * WIDTH));
  }
}
