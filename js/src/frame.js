// The network view in a report: the widget's view on values that stand in the page, one group at a time or all.

import { grid, part } from "./groups.js";
import css from "./style.css";
import { View } from "./widget.js";

/** What the view asks of a widget's model, without a kernel. */
class Held {
  constructor(values) {
    this.values = values;
    this.heard = [];
  }
  get(key) { return this.values[key]; }
  set(key, value) {
    this.values[key] = value;
    for (const [names, how] of [...this.heard]) if (names.includes(`change:${key}`)) how();
  }
  on(names, how) { this.heard.push([names.split(" "), how]); }
  off(names, how) { this.heard = this.heard.filter((one) => one[1] !== how); }
  save_changes() {}
}

function begin(holder, given) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${css}\n.spmc-time { display: none; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const { graph, words } = given;
  const whole = grid(graph);
  const held = new Held({ graph: whole, words, color_by: "cluster", colors: ["cluster"], selected: [], edge: [], period: [], bins: {} });
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
  new View(held, holder, "");
  choose.addEventListener("change", () => {
    held.set("selected", []);
    held.set("edge", []);
    held.set("graph", Number(choose.value) ? part(graph, Number(choose.value)) : whole);
  });
  document.body.classList.add("running");
}

begin(document.getElementById("network"), JSON.parse(document.getElementById("graph").textContent));
