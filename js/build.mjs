// Bundle both entries; `npm run build` in this folder.
//
// sigma's programs for edges that we never draw are made by calls at the top of its files, and a call is kept unless it is
// marked as free of effects: sigma's own classes have the mark (@__PURE__), these calls lack it.

import { readFile } from "node:fs/promises";

import { build } from "esbuild";

const unmarked = /= (createEdge\w+Program\()/g;

await build({
  entryPoints: { network_view: "src/widget.js", network_frame: "src/frame.js" },
  outdir: "dist",
  bundle: true,
  format: "esm",
  minify: true,
  charset: "utf8",
  target: "es2022",
  loader: { ".css": "text" },
  logLevel: "warning",
  plugins: [{
    name: "unused edges",
    setup: (given) => given.onLoad({ filter: /[\\/]sigma[\\/].*\.esm\.js$/ }, async ({ path }) => (
      { contents: (await readFile(path, "utf8")).replace(unmarked, "= /* @__PURE__ */ $1"), loader: "js" })),
  }],
});
