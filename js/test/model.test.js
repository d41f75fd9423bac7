import assert from "node:assert/strict";
import { test } from "node:test";
import { CLUSTERS, Model, NONE, TIERS } from "../src/model.js";

const columns = {
  id: ["u1", "u2", "u3", "u4"], label: ["@asha", "@basha", "<img src=x>", "@chand"], note: ["", "", "", ""],
  x: [0, 1, 2, 3], y: [0, 0, 0, 0], cluster: [1, 1, 9, 0], tier: ["A", "B", "", ""], mark: ["", "✓", "", ""],
  a: [0, 0, 1], b: [1, 2, 2], n: [5, 9, 2], first: [0, 100, 50], last: [10, 200, 60], says: ["", "", ""],
};
const model = new Model(columns);

test("edges of a node come strongest first and only inside the period", () => {
  assert.deepEqual(model.edgesOf(0, null), [1, 0]);
  assert.deepEqual(model.edgesOf(0, [0, 20]), [0]);
  assert.deepEqual(model.edgesOf(3, null), []);
});

test("a period takes the edges that it meets, both ends inclusive", () => {
  const inside = (low, high) => [0, 1, 2].filter((e) => model.edgeInside(e, [low, high]));
  assert.deepEqual(inside(10, 50), [0, 2]);
  assert.deepEqual(inside(11, 49), []);
  assert.deepEqual(inside(0, 1000), [0, 1, 2]);
});

test("search finds beginnings first, without @ and whatever the case", () => {
  assert.deepEqual(model.search("ASHA"), [0, 1]);
  assert.deepEqual(model.search("@ba"), [1]);
  assert.deepEqual(model.search("u4"), [3]);
  assert.deepEqual(model.search("  "), []);
});

test("strength is the sum of occasions and area follows it", () => {
  assert.deepEqual(model.strength, [14, 7, 11, 0]);
  assert.equal(model.radius(3), 3);
  assert.equal(model.radius(0), 12);
});

test("colours go round, and none is grey", () => {
  assert.equal(model.color(0, "cluster"), CLUSTERS[0]);
  assert.equal(model.color(2, "cluster"), CLUSTERS[8 % CLUSTERS.length]);
  assert.equal(model.color(3, "cluster"), NONE);
  assert.equal(model.color(1, "tier"), TIERS.B);
});

test("a label says tier and mark, and the legend counts", () => {
  assert.equal(model.label(1), "@basha [B] ✓");
  assert.deepEqual(model.legend("cluster").map((row) => row[2]), [2, 1, 1]);
});

test("no graph at all is an empty model", () => {
  const empty = new Model(null);
  assert.equal(empty.size, 0);
  assert.deepEqual(empty.search("a"), []);
  assert.deepEqual(empty.legend("tier"), []);
});
