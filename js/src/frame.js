// The network view in a report: the widget's view on values that stand in the page, one group at a time or all.

import { grid, part } from "./groups.js";
import { Store } from "./store.js";
import { View } from "./view.js";

/** @param {HTMLElement} holder @param {{graph: any, words: Record<string, string>}} given */
function begin(holder, given) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".spmc-time { display: none; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const { graph, words } = given;
  const whole = grid(graph);
  const held = new Store({ graph: whole, words, colors: ["cluster"], names: false });
  const label = document.createElement("label");
  label.className = "which";
  const choose = document.createElement("select");
  for (let group = 0; group <= graph.groups; group++) {
    const option = document.createElement("option");
    option.value = String(group);
    option.textContent = group ? `${words.by_cluster} ${group}` : words.every;
    choose.append(option);
  }
  label.append(`${words.which} `, choose);
  holder.append(label);
  new View(held, holder);
  choose.addEventListener("change", () => {
    held.set("selected", []);
    held.set("edge", []);
    held.set("graph", Number(choose.value) ? part(graph, Number(choose.value)) : whole);
  });
  document.body.classList.add("running");
}

const [holder, text] = [document.getElementById("network"), document.getElementById("graph")?.textContent];
if (holder && text) begin(holder, JSON.parse(text));
