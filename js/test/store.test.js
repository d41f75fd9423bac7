import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../src/store.js";

test("a choice is heard by the view and by the page, until it is turned off", () => {
  const told = [], heard = [];
  const store = new Store({ color_by: "tier" }, (key, value) => told.push([key, value]));
  const how = () => heard.push(store.get("selected"));
  store.on("change:selected change:edge", how);
  store.set("selected", ["a"]);
  store.set("color_by", "trace");
  store.off("change:selected change:edge", how);
  store.set("selected", []);
  assert.deepEqual(heard, [["a"]]);
  assert.deepEqual(told, [["selected", ["a"]], ["color_by", "trace"], ["selected", []]]);
  assert.equal(new Store({}).get("theme"), "light");
});
