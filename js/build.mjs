// Bundle both entries; `npm run build` in this folder.
//
// A bundler leaves out functions that nobody calls, but sigma and graphology put most of theirs into classes and tables by
// calls at the top of their files, which count as use. UNUSED takes those out that the view never comes to; each must be
// found in its file, so that a new version of a package is looked at and not built half.

import { readFile } from "node:fs/promises";

import { build, transform } from "esbuild";

/** Comments, margins and empty lines of a shader, as a JavaScript string. @param {string} _ @param {string} text */
const tight = (_, text) => JSON.stringify(
  JSON.parse(text).replace(/\/\/[^\n]*|\/\*[^]*?\*\//g, "").replace(/^[ \t]+|[ \t]+$/gm, "").replace(/\n+/g, "\n"));
const shaders = [/\/\*glsl\*\/\s*("(?:[^"\\]|\\.)*")/g, tight];

const UNUSED = {
  // arrows, clamped edges: their classes are made by calls without the mark that a call is free of effects
  "sigma/dist/index-fad77a13.esm.js": [[/= (createEdge\w+Program\()/g, "= /* @__PURE__ */ $1"], shaders],
  "sigma/rendering/dist/sigma-rendering.esm.js": [[/= (createEdge\w+Program\()/g, "= /* @__PURE__ */ $1"], shaders],
  // what settings begin with: the view gives its own way to draw a node and a hovered one, and edges have neither arrows nor words
  "sigma/settings/dist/sigma-settings.esm.js": [
    [/circle: NodeCircleProgram/, ""], [/arrow: EdgeArrowProgram,/, ""], [/(defaultDraw(?:EdgeLabel|NodeHover): )\w+/g, "$1null"]],
  // colours by name: the view's are numbers
  "sigma/dist/colors-beb06eb2.esm.js": [[/(?<=var HTML_COLORS = )\{[^}]*\}/, "{}"]],
  // neighbours, searches and iterators, changes of attributes, graphs of other kinds: the view's own model answers the
  // first, and a graph that sigma draws is filled once
  "graphology/dist/graphology.mjs": [
    [/^attachNeighborIterationMethods\(Graph\);/m, ""],
    [/^ *attach(?:FindEdge|EdgeIteratorCreator)\(Graph, description\);/gm, ""],
    [/\{\s*name: element => [^\n]+,\s*attacher: attach\w+(?:Checker|Setter|Updater|Remover|Replacer|Merger)\s*\},?/g, ""],
    [/^attachStaticFromMethod\(\w+\);/gm, ""],
    [/^Graph\.\w+ = \w+;/gm, ""]],
};

/** The text of a package's file without what the view never comes to. @param {string} path */
async function trimmed(path) {
  const name = path.replaceAll("\\", "/").replace(/^.*\/node_modules\//, "");
  const text = await readFile(path, "utf8");
  left.delete(name);
  return (UNUSED[name] ?? []).reduce((kept, [what, instead]) => {
    if (kept.search(what) < 0) throw new Error(`${name} has no ${what}: look at UNUSED in js/build.mjs`);
    return kept.replace(what, instead);
  }, text);
}

const left = new Set(Object.keys(UNUSED));

await build({
  entryPoints: { network_view: "src/widget.js", network_frame: "src/frame.js" },
  outdir: "dist",
  bundle: true,
  format: "esm",
  minify: true,
  charset: "utf8",
  target: "es2022",
  logLevel: "warning",
  plugins: [{
    name: "unused",
    setup: (given) => given.onLoad({ filter: /[\\/]node_modules[\\/](sigma|graphology)[\\/].*js$/ }, async ({ path }) => (
      { contents: await trimmed(path), loader: "js" })),
  }, {
    name: "style",
    setup: (given) => given.onLoad({ filter: /\.css$/ }, async ({ path }) => (
      { contents: (await transform(await readFile(path, "utf8"), { loader: "css", minify: true })).code.trim(), loader: "text" })),
  }],
});
if (left.size) throw new Error(`${[...left].join(", ")} was not read: look at UNUSED in js/build.mjs`);
