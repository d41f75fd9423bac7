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

const name = (group, count) => `group ${group}: ${count}`;

test("a folded group is one node in the middle of its members; links between the rest stay, each once", () => {
  const wide = new Model({
    id: ["a", "b", "c", "d"], x: [0, 10, 4, 100], y: [0, 20, 0, 100], cluster: [1, 1, 2, 2],
    a: [0, 0, 1, 2], b: [1, 2, 2, 3], n: [5, 2, 3, 4], first: [0, 10, 200, 0], last: [9, 20, 300, 9],
  });
  assert.deepEqual(wide.groups(), [1, 2]);
  const one = wide.folded([1], name);
  assert.equal(one.size, 3);
  assert.deepEqual(one.members, [[0, 1], [2], [3]]);
  assert.deepEqual([one.columns.x[0], one.columns.y[0], one.columns.label[0]], [5, 10, "group 1: 2"]);
  // a-c and b-c are one link now; a-b is inside
  assert.deepEqual(one.columns.a.map((a, e) => [a, one.columns.b[e], one.columns.n[e]]), [[0, 1, 5], [1, 2, 4]]);
  // the bundle is shown only where one of its links is: 50 to 100 lies between the two
  assert.equal(one.edgeInside(0, [50, 100]), false);
  assert.equal(one.edgeInside(0, [250, 260]), true);
  const both = wide.folded([1, 2], name);
  assert.deepEqual([both.size, both.columns.a.length, both.columns.parts[0]], [2, 1, [1, 2]]);
  assert.equal(wide.folded([], name), wide);
  assert.equal(wide.folded([9], name), wide);
  const total = (model) => model.legend("cluster").reduce((sum, row) => sum + row[2], 0);
  assert.equal(total(both), 4);
});

test("times of the first action fall into five colours with as many accounts each", () => {
  const chain = { id: [], x: [], y: [], a: [], b: [], first: [] };
  for (let i = 0; i < 20; i++) {
    chain.id.push(String(i)); chain.x.push(i); chain.y.push(0);
    if (i % 2) { chain.a.push(i - 1); chain.b.push(i); chain.first.push(1000 + 7 * i); }
  }
  const model = new Model(chain);
  assert.deepEqual(model.legend("first").map((row) => row[1]), [1, 2, 3, 4, 5]);
  assert.deepEqual(model.legend("first").map((row) => row[2]), [4, 4, 4, 4, 4]);
  assert.equal(model.began[3], 1021);
  assert.deepEqual(model.between(1), [null, model.steps[0]]);
  assert.deepEqual(model.between(5), [model.steps[3], null]);
  assert.equal(new Model({ id: ["x"], x: [0], y: [0] }).kind(0, "first"), 0);
});

test("traces: none is grey, several has a colour of its own", () => {
  const model = new Model({ id: ["a", "b", "c"], x: [0, 0, 0], y: [0, 0, 0], trace: [1, -1, 0], traces: ["repost"] });
  assert.equal(new Set([0, 1, 2].map((i) => model.color(i, "trace"))).size, 3);
  assert.equal(model.color(2, "trace"), NONE);
});

test("who is on an officer's list has a sign, and a saved label is the pseudonym", () => {
  const model = new Model({ id: ["1"], label: ["@asha"], alias: ["A-7"], x: [0], y: [0], listed: [1], tier: ["A"] });
  assert.equal(model.label(0), "◆ @asha [A]");
  assert.equal(model.label(0, true), "◆ A-7 [A]");
});

test("inside a period, accounts are counted whose links meet it, in a folded group too", () => {
  const model = new Model({
    id: ["a", "b", "c", "d", "e"], x: [0, 0, 0, 0, 0], y: [0, 0, 0, 0, 0], cluster: [1, 1, 2, 2, 0],
    a: [0, 2, 1], b: [1, 3, 4], n: [1, 1, 1], first: [0, 100, 200], last: [10, 110, 210],
  });
  for (const [period, wanted] of [[null, [1, 1, 1, 1, 1]], [[0, 5], [1, 1, 0, 0, 0]], [[105, 200], [0, 1, 1, 1, 1]], [[300, 400], [0, 0, 0, 0, 0]]]) {
    const inside = model.inside(period);
    assert.deepEqual(inside, wanted);
    const folded = model.folded([1, 2], (group) => `g${group}`);
    assert.deepEqual(folded.inside(period), [wanted[0] + wanted[1], wanted[2] + wanted[3], wanted[4]]);
    const rows = (one) => one.legend("cluster", (i) => one.inside(period)[i]).map((row) => [row[1], row[2], row[3]]).sort();
    assert.deepEqual(rows(model), [[0, 1, wanted[4]], [1, 2, wanted[0] + wanted[1]], [2, 2, wanted[2] + wanted[3]]]);
    assert.deepEqual(rows(folded), rows(model));
  }
});

const star = new Model({
  id: ["u1", "u2", "u3", "u4", "\u0001object 1"], label: ["@asha", "@basha", "@chand", "@dev", "asha's text"],
  note: ["", "", "", "", ""], x: [0, 4, 8, 2, 4], y: [0, 0, 0, 2, 8], cluster: [3, 3, 3, 0, 3], tier: ["A", "A", "", "C", ""],
  mark: ["", "", "", "", ""], thing: [0, 0, 0, 0, 1], a: [0, 1, 2, 0], b: [4, 4, 4, 1], n: [1, 1, 40, 2],
  first: [0, 100, 200, 50], last: [10, 110, 210, 60], says: ["", "", "", ""],
});

test("a thing is no account: it is counted nowhere, found by no search, and grows with nothing", () => {
  assert.equal(star.accounts.reduce((sum, one) => sum + one, 0), 4);
  assert.deepEqual(star.search("asha"), [0, 1]);
  assert.deepEqual(star.legend("cluster").map((row) => row[2]).sort(), [1, 3]);
  assert.equal(star.strongest, 40);
  assert.equal(star.radius(4), 5);
  assert.notEqual(star.color(4, "cluster"), star.color(0, "cluster"));
  assert.deepEqual([0, 1, 2, 3].map((e) => star.spoke(e)), [true, true, true, false]);
});

test("a period leaves a thing lit where one of its links is inside", () => {
  assert.deepEqual(star.inside([90, 120]), [0, 1, 0, 0, 1]);
  assert.deepEqual(star.inside([40, 60]), [1, 1, 0, 0, 0]);
});

test("a folded group takes what its members touched with it, and counts accounts", () => {
  const folded = star.folded([3], name);
  assert.equal(folded.size, 2);
  assert.deepEqual(folded.columns.label, ["group 3: 3", "@dev"]);
  assert.deepEqual(folded.accounts, [3, 1]);
  assert.deepEqual(folded.columns.thing, [0, 0]);
  assert.deepEqual(folded.inside([90, 120]), [1, 0]);
});
