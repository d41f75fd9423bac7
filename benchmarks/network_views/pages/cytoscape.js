import cytoscape from "cytoscape";

globalThis.draw = (element, graph) => {
  const nodes = graph.id.map((id, i) => ({ data: { id, label: graph.label[i] }, position: { x: graph.x[i], y: graph.y[i] } }));
  const edges = graph.a.map((a, e) => ({ data: { id: `e${e}`, source: graph.id[a], target: graph.id[graph.b[e]] } }));
  cytoscape({
    container: element, elements: { nodes, edges }, layout: { name: "preset" }, hideEdgesOnViewport: graph.a.length > 5000,
    style: [{ selector: "edge", style: { "curve-style": "haystack", width: 1 } }, { selector: "node", style: { width: 60, height: 60 } }],
  });
};
