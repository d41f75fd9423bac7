import assert from "node:assert/strict";
import { test } from "node:test";
import { inside } from "../src/lasso.js";

test("a square holds what is in it", () => {
  const square = [[0, 0], [10, 0], [10, 10], [0, 10]];
  assert.equal(inside(square, 5, 5), true);
  assert.equal(inside(square, 11, 5), false);
  assert.equal(inside(square, -1, -1), false);
});

test("a horseshoe does not hold what is between its ends", () => {
  const shoe = [[0, 0], [10, 0], [10, 10], [7, 10], [7, 3], [3, 3], [3, 10], [0, 10]];
  assert.equal(inside(shoe, 5, 8), false);
  assert.equal(inside(shoe, 1, 8), true);
  assert.equal(inside(shoe, 5, 1), true);
});

test("a random polygon agrees with the winding number of a simple one (a convex hull by sign)", () => {
  let seed = 7;
  const draw = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const hull = Array.from({ length: 9 }, (_, k) => [50 + 40 * Math.cos((2 * Math.PI * k) / 9), 50 + 40 * Math.sin((2 * Math.PI * k) / 9)]);
  for (let k = 0; k < 500; k++) {
    const [x, y] = [100 * draw(), 100 * draw()];
    const left = hull.every(([ax, ay], i) => {
      const [bx, by] = hull[(i + 1) % hull.length];
      return (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0;
    });
    assert.equal(inside(hull, x, y), left);
  }
});
