import assert from "node:assert/strict";
import test from "node:test";
import { withRoom } from "../src/draw.js";

/** @param {number} x @param {number} y @param {number} size @param {boolean} must */
const label = (x, y, size, must = false) => ({ x, y, width: 100, size, must });

test("a label that would lie on another is left out: what must be stays, then the largest", () => {
  assert.deepEqual(withRoom([label(0, 0, 9), label(50, 5, 12)]), [1]);
  assert.deepEqual(withRoom([label(0, 0, 9, true), label(50, 5, 12)]), [0]);
  assert.deepEqual(withRoom([label(0, 0, 9, true), label(50, 5, 12, true)]), [1, 0]);
  assert.deepEqual(withRoom([label(0, 0, 9), label(101, 0, 9), label(0, 15, 9)]), [0, 1, 2]);
  assert.deepEqual(withRoom([]), []);
});
