import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import { crc32, sha256, svg, withFacts, xml } from "../src/picture.js";

const words = new TextEncoder();

test("CRC-32 is that of zlib", () => {
  for (const text of ["", "IEND", "123456789", "प्रकरण"]) assert.equal(crc32(words.encode(text)), zlib.crc32(words.encode(text)));
});

test("facts stand in a PNG, each chunk whole, and its end stays its end", () => {
  const png = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130]);
  const made = withFacts(png, { case: "गया-1", results: "abc" });
  const view = new DataView(made.buffer);
  const found = {}, kinds = [];
  for (let at = 8; at < made.length;) {
    const length = view.getUint32(at);
    const body = made.subarray(at + 4, at + 8 + length);
    assert.equal(view.getUint32(at + 8 + length), zlib.crc32(body));
    const kind = new TextDecoder().decode(body.subarray(0, 4));
    kinds.push(kind);
    if (kind === "iTXt") {
      const [key, , , , , value] = new TextDecoder().decode(body.subarray(4)).split("\0");
      found[key] = value;
    }
    at += 12 + length;
  }
  assert.deepEqual(kinds, ["iTXt", "iTXt", "IEND"]);
  assert.deepEqual(found, { case: "गया-1", results: "abc" });
});

const hostile = '<script>alert(1)</script>" onload="x\u0000\u202e&';

test("a hostile name is text in an SVG", () => {
  const made = svg({
    width: 10, height: 10, ground: "#fff", ink: "#000", title: hostile, stamp: hostile, facts: { case: hostile },
    lines: [{ x1: 0, y1: 0, x2: 1.26, y2: 2, color: "#000", wide: true }],
    dots: [{ x: 1, y: 1, r: 3, color: "#000", ring: "#D55E00", label: hostile, title: hostile }],
  });
  assert.ok(!made.includes("<script") && !made.includes('" onload="x'));
  assert.ok(made.includes("<spmc:case>&lt;script&gt;") && made.includes('x2="1.3"'));
  assert.ok(!/[\u0000-\u0008]/.test(made));
});

test("what XML cannot hold is a replacement character", () => {
  assert.equal(xml("a\u0000\ud800b'"), "a\ufffd\ufffdb&#39;");
});

test("the hash is SHA-256", async () => {
  assert.equal(await sha256(words.encode("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
