import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, part } from "../src/groups.js";

const graph = {
  groups: 3, id: ["1", "2", "3", "4"], label: ["1", "2", "3", ""], note: ["one", "two", "three", ""],
  x: [0, 10000, 5000, 5000], y: [0, 10000, 5000, 5000], cluster: [1, 1, 2, 0], tier: ["", "", "", ""], mark: ["", "", "", ""],
  group: [1, 1, 2, 3], a: [0], b: [1], n: [7],
};

test("groups stand side by side, from the upper left, and none lies over another", () => {
  const made = grid(graph);
  assert.deepEqual(made.x, [500, 4500, 7500, 2500]);
  assert.deepEqual(made.y, [5500, 9500, 7500, 2500]);
  assert.deepEqual(graph.x, [0, 10000, 5000, 5000]);
});

test("two groups stand in the middle", () => {
  const made = grid({ ...graph, groups: 2, x: [0, 10000, 5000], y: [0, 10000, 5000], group: [1, 1, 2] });
  assert.deepEqual([made.x, made.y], [[500, 4500, 7500], [3000, 7000, 5000]]);
});

test("a group alone has its own accounts and links, at their own places", () => {
  const one = part(graph, 1);
  assert.deepEqual([one.label, one.x, one.a, one.b, one.n], [["1", "2"], [0, 10000], [0], [1], [7]]);
  const three = part(graph, 3);
  assert.deepEqual([three.id, three.a, three.cluster], [["4"], [], [0]]);
});
