// A picture of the network as a file: an SVG, or a PNG, with what it shows written inside.

const BAD_IN_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** @param {string} text */
export function xml(text) {
  /** @type {Record<string, string>} */
  const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(BAD_IN_XML, "\ufffd").replace(/[&<>"']/g, (sign) => signs[sign]);
}

/** One decimal: a picture needs no more. @param {number} value */
const short = (value) => String(Math.round(value * 10) / 10);

/**
 * @param {{width: number, height: number, ground: string, ink: string, title: string, stamp: string, covers?: string, facts: Record<string, string>,
 *   lines: {x1: number, y1: number, x2: number, y2: number, color: string, wide: boolean}[],
 *   dots: {x: number, y: number, r: number, color: string, ring: string|null, label: string|null, title: string, square?: boolean}[]}} picture
 * @returns {string}
 */
export function svg(picture) {
  const { width, height, facts } = picture;
  const told = Object.entries(facts).map(([key, value]) => `<spmc:${key}>${xml(value)}</spmc:${key}>`).join("");
  const lines = picture.lines.map((one) =>
    `<line x1="${short(one.x1)}" y1="${short(one.y1)}" x2="${short(one.x2)}" y2="${short(one.y2)}" stroke="${one.color}"${one.wide ? ' stroke-width="3"' : ""}/>`);
  const dots = picture.dots.map((one) => {
    const ring = one.ring ? ` stroke="${one.ring}" stroke-width="3"` : "";
    const [x, y, r] = [one.x, one.y, one.r];
    if (one.square) return `<rect x="${short(x - r)}" y="${short(y - r)}" width="${short(2 * r)}" height="${short(2 * r)}" fill="${one.color}"${ring}><title>${xml(one.title)}</title></rect>`;
    return `<circle cx="${short(x)}" cy="${short(y)}" r="${short(r)}" fill="${one.color}"${ring}><title>${xml(one.title)}</title></circle>`;
  });
  const labels = picture.dots.filter((one) => one.label).map((one) =>
    `<text x="${short(one.x + one.r + 3)}" y="${short(one.y + 4)}">${xml(one.label || "")}</text>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:spmc="urn:spmc-notebook" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${xml(picture.title)}</title><desc>${xml(picture.stamp)}</desc><metadata>${told}</metadata>`,
    `<rect width="${width}" height="${height}" fill="${picture.ground}"/>`,
    `<g stroke-width="1">${lines.join("")}</g><g>${dots.join("")}</g>`,
    `<g font-family="'Noto Sans','Noto Sans Devanagari',sans-serif" font-size="12" fill="${picture.ink}">${labels.join("")}`,
    picture.covers ? `<text x="8" y="${height - 24}">${xml(picture.covers)}</text>` : "",
    `<text x="8" y="${height - 8}">${xml(picture.stamp)}</text></g></svg>\n`,
  ].join("\n");
}

const TABLE = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/** CRC-32 as PNG has it (ISO 3309). @param {Uint8Array} bytes */
export function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** A PNG with facts in `iTXt` chunks (UTF-8) before its end. @param {Uint8Array} png @param {Record<string, string>} facts @returns {Uint8Array} */
export function withFacts(png, facts) {
  const words = new TextEncoder();
  const chunks = Object.entries(facts).map(([key, value]) => {
    const body = words.encode(`iTXt${key}\0\0\0\0\0${value}`);
    const made = new Uint8Array(8 + body.length);
    const view = new DataView(made.buffer);
    view.setUint32(0, body.length - 4);
    made.set(body, 4);
    view.setUint32(4 + body.length, crc32(body));
    return made;
  });
  const end = png.length - 12; // IEND has no content
  const made = new Uint8Array(png.length + chunks.reduce((sum, one) => sum + one.length, 0));
  made.set(png.subarray(0, end));
  let at = end;
  for (const one of chunks) { made.set(one, at); at += one.length; }
  made.set(png.subarray(end), at);
  return made;
}

/** SHA-256 in hex; empty where the browser gives none. @param {Uint8Array} bytes */
export async function sha256(bytes) {
  if (!globalThis.crypto?.subtle) return "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", /** @type {BufferSource} */ (bytes)));
  return [...digest].map((one) => one.toString(16).padStart(2, "0")).join("");
}
