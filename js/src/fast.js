// The network through sigma, on WebGL.

import Graph from "graphology";
import Sigma from "sigma";
import { NodePointProgram } from "sigma/rendering";

export function hasWebGL() {
  try {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") || canvas.getContext("webgl"));
  } catch {
    return false;
  }
}

/**
 * A point is a square around its circle; sigma's own circle is a triangle around it: five times the pixels to work out.
 * Sigma finds the node under the mouse by drawing all of them once more and reading a pixel back, which waits for the GPU
 * at every move of the mouse; `Fast.under` finds it by its position, so that second drawing is left out.
 */
class Points extends NodePointProgram {
  /** @param {any} gl @param {any} _picking @param {any} renderer */
  constructor(gl, _picking, renderer) { super(gl, null, renderer); }
}

/** What accounts touched: the whole square of a point. */
class Squares extends Points {
  getDefinition() {
    return { ...super.getDefinition(), FRAGMENT_SHADER_SOURCE: "precision mediump float; varying vec4 v_color; void main() { gl_FragColor = v_color; }" };
  }
}

export class Fast {
  /** @param {HTMLElement} holder @param {any} view @param {any} on */
  constructor(holder, view, on) {
    this.kind = "webgl";
    const { model } = view;
    const { x, y, a, b } = model.columns;
    this.view = view;
    const graph = new Graph({ type: "undirected", multi: true });
    for (let i = 0; i < model.size; i++) {
      graph.addNode(String(i), { x: x[i], y: y[i], size: model.radius(i), label: model.label(i), type: model.thing(i) ? "square" : "circle" });
    }
    for (let e = 0; e < a.length; e++) graph.addEdgeWithKey(String(e), String(a[e]), String(b[e]), {});
    // begun without a graph: one frame for every filter, so that what stays does not move, is set before the first drawing
    this.sigma = new Sigma(new Graph(), holder, {
      allowInvalidContainer: true,
      nodeProgramClasses: { circle: Points, square: Squares },
      hideEdgesOnMove: view.many,
      labelFont: "'Noto Sans', 'Noto Sans Devanagari', sans-serif",
      labelSize: 12,
      labelRenderedSizeThreshold: 8,
      labelGridCellSize: 150, // one name in each square of so many pixels: a handle is about as wide
      labelColor: { color: view.dark ? "#e8eaed" : "#24292f" },
      minEdgeThickness: 1,
      zIndex: true,
      // the label beside a hovered node is a text on the canvas; the card says the rest
      defaultDrawNodeHover: () => {},
      nodeReducer: (key, data) => {
        const i = Number(key);
        const chosen = view.picked(i);
        return {
          ...data,
          color: view.nodeColor(i),
          label: view.dim(i) ? null : data.label,
          size: chosen ? data.size + 3 : data.size,
          forceLabel: chosen,
          zIndex: chosen ? 2 : view.dim(i) ? 0 : 1,
        };
      },
      edgeReducer: (key, data) => {
        const e = Number(key);
        return { ...data, hidden: !view.shown(e), color: view.edgeColor(e), size: view.heavy(e) ? 3 : 1 };
      },
    });
    this.sigma.on("beforeRender", () => this.leaveOutEmpty());
    /** @type {any} */ (this.sigma).getNodeAtPosition = (/** @type {{x: number, y: number}} */ at) => this.under(at);
    this.sigma.setCustomBBox({ x: [0, 10000], y: [0, 10000] });
    this.sigma.setGraph(graph);
    this.sigma.on("enterNode", ({ node }) => on.hover(Number(node)));
    this.sigma.on("leaveNode", () => on.hover(null));
    /** @param {any} event */
    const more = (event) => Boolean(event.original.shiftKey || event.original.ctrlKey || event.original.metaKey);
    this.sigma.on("clickNode", ({ node, event }) => on.click(Number(node), more(event)));
    this.sigma.on("clickStage", ({ event }) => on.click(null, more(event)));
    this.sigma.on("doubleClickNode", ({ node, event }) => { event.preventSigmaDefault(); on.twice(Number(node)); });
  }

  /** The layer of edges has nothing on it while a large picture moves: it is taken out of the page then, as each layer costs time. */
  leaveOutEmpty() {
    const { mouseCaptor: mouse, camera, elements } = /** @type {any} */ (this.sigma);
    const moving = camera.isAnimated() || mouse.isMoving || mouse.draggedEvents || mouse.currentWheelDirection;
    elements.edges.style.display = this.view.many && moving ? "none" : "";
  }

  /** The key of the node that lies under a point of the stage, the nearest where several do. @param {{x: number, y: number}} at @returns {string|null} */
  under(at) {
    const { model } = this.view, { x, y } = model.columns;
    const middle = this.sigma.viewportToGraph(at), aside = this.sigma.viewportToGraph({ x: at.x + 1, y: at.y });
    const unit = Math.hypot(aside.x - middle.x, aside.y - middle.y) || 1;
    let best = null, nearest = Infinity;
    for (let i = 0; i < model.size; i++) {
      const distance = Math.hypot(x[i] - middle.x, y[i] - middle.y) / unit;
      if (distance < nearest && distance <= this.sigma.scaleSize(model.radius(i)) + 1) [best, nearest] = [String(i), distance];
    }
    return best;
  }

  refresh() { this.sigma.refresh({ skipIndexation: true }); }
  resize() { this.sigma.resize(true); this.sigma.refresh(); }
  fit() { this.sigma.getCamera().setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }); }
  state() { return this.sigma.getCamera().getState(); }
  /** @param {any} state what state() gave */
  restore(state) { if (state && !Array.isArray(state)) this.sigma.getCamera().setState(state); }
  /** @param {number} by */
  zoom(by) {
    const camera = this.sigma.getCamera();
    camera.setState({ ratio: camera.getState().ratio / by });
  }
  /** @param {number} x @param {number} y */
  pan(x, y) {
    const camera = this.sigma.getCamera();
    const { width, height } = this.sigma.getDimensions();
    const { x: cx, y: cy, ratio } = camera.getState();
    const side = Math.min(width, height) || 1;
    camera.setState({ x: cx - (x / side) * ratio, y: cy + (y / side) * ratio });
  }
  /** @param {number} i */
  center(i) {
    const at = this.sigma.getNodeDisplayData(String(i));
    if (at) this.sigma.getCamera().setState({ x: at.x, y: at.y });
  }
  /** @param {number} i */
  place(i) {
    const { x, y } = this.view.model.columns;
    const at = this.sigma.graphToViewport({ x: x[i], y: y[i] });
    return [at.x, at.y];
  }
  kill() { this.sigma.kill(); }
}
