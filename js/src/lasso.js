// A line drawn around accounts: who is inside, and the drawing of it.

const SVG = "http://www.w3.org/2000/svg";

/** Whether a point lies inside a polygon (even-odd rule). @param {number[][]} polygon @param {number} x @param {number} y */
export function inside(polygon, x, y) {
  let within = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i], [xj, yj] = polygon[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
  }
  return within;
}

export class Lasso {
  /** @param {HTMLElement} stage @param {(polygon: number[][], more: boolean) => void} done */
  constructor(stage, done) {
    this.layer = document.createElementNS(SVG, "svg");
    this.layer.setAttribute("class", "spmc-lasso");
    this.layer.setAttribute("aria-hidden", "true");
    this.line = document.createElementNS(SVG, "polygon");
    this.layer.append(this.line);
    /** @type {number[][]|null} */
    let points = null;
    /** @param {PointerEvent} event */
    const at = (event) => {
      const box = this.layer.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const show = () => this.line.setAttribute("points", (points || []).map((one) => one.join(",")).join(" "));
    this.layer.addEventListener("pointerdown", (event) => {
      points = [at(event)];
      this.layer.setPointerCapture(event.pointerId);
      event.preventDefault();
      show();
    });
    this.layer.addEventListener("pointermove", (event) => {
      if (points) { points.push(at(event)); show(); }
    });
    this.layer.addEventListener("pointerup", (event) => {
      const drawn = points || [];
      points = null;
      show();
      if (drawn.length > 2) done(drawn, event.shiftKey);
    });
    this.layer.addEventListener("pointercancel", () => { points = null; show(); });
    this.stage = stage;
  }

  /** @param {boolean} on */
  turn(on) {
    if (on) this.stage.append(this.layer);
    else this.layer.remove();
  }
}
