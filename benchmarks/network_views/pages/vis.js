import { Network } from "vis-network/standalone";

globalThis.draw = (element, graph) => {
  const nodes = graph.id.map((id, i) => ({ id, label: graph.label[i], x: graph.x[i], y: graph.y[i], shape: "dot", size: 30 }));
  const edges = graph.a.map((a, e) => ({ id: e, from: graph.id[a], to: graph.id[graph.b[e]] }));
  const view = new Network(element, { nodes, edges }, {
    physics: false, edges: { smooth: false }, interaction: { hideEdgesOnDrag: graph.a.length > 5000, hideEdgesOnZoom: graph.a.length > 5000 },
  });
  view.fit();
};
