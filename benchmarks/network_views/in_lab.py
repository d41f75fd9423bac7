"""The network view beside ipysigma in a real JupyterLab, on one graph with one layout.

ipysigma wants packages of its own, so it gets an environment of its own (nothing of it is in this tree)::

    python -m venv /tmp/peers/venv && /tmp/peers/venv/bin/pip install jupyterlab ipysigma networkx
    python -m benchmarks.network_views.in_lab --peer-python /tmp/peers/venv/bin/python

Each view gets the same nodes, links and positions in a notebook cell of its own; no layout runs. *load*: from the key
that runs the cell to the second frame after the canvas of the nodes is there, the way from the kernel included.
*page*: processor seconds of the page's main thread in that time. *frame* and *drawing*: as ``in_browser.py`` has
them. *heap*: what the page's JavaScript holds more than before the cell, after a collection. Views are measured in
turns, each in a JupyterLab that was just started.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from benchmarks.network_views.in_browser import FRAMES, SIZES, SOFTWARE, comparison, drag, graph_of, main_thread

ROOT = Path(__file__).resolve().parents[2]
OURS = """import json
from spmc_tools.show.network.network_view import NetworkView
columns = json.load(open({graph!r}))"""
THEIRS = """import json
import networkx as nx
from ipysigma import Sigma
columns = json.load(open({graph!r}))
graph = nx.Graph()
for n, label, group in zip(columns["id"], columns["label"], columns["cluster"]):
    graph.add_node(n, label=label, group=str(group))
graph.add_edges_from((columns["id"][a], columns["id"][b]) for a, b in zip(columns["a"], columns["b"]))
places = {{n: {{"x": x, "y": y}} for n, x, y in zip(columns["id"], columns["x"], columns["y"])}}"""
VIEWS = {
    "ours (sigma 3)": (OURS, "NetworkView(graph=columns, small=True)"),
    "ipysigma": (
        THEIRS,
        "Sigma(graph, layout=places, node_color='group', height=440, hide_edges_on_move={many}, start_layout=False)",
    ),
}
WATCH = """() => { globalThis.loaded = null; const start = performance.now();
const look = () => { if (!document.querySelector('canvas.sigma-nodes')) return requestAnimationFrame(look);
requestAnimationFrame(() => requestAnimationFrame(() => { globalThis.loaded = performance.now() - start; })); };
look(); }"""


@contextmanager
def served(command: list[str], environment: dict[str, str], address: str, end: signal.Signals = signal.SIGTERM):
    """Run a server on this machine from its first answer at an address, at the most a minute later, to its end."""
    quiet = subprocess.DEVNULL
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as server:
        try:
            for _ in range(300):
                try:
                    opener.open(address, timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield server
        finally:
            server.send_signal(end)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()


@contextmanager
def jupyter(python: Path, folder: Path):
    """Run a JupyterLab on this machine alone, its kernels with this tree on the path; yield its notebook's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(folder / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    own["PYTHONPATH"] = str(ROOT)
    command = [str(python), "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
               "--IdentityProvider.token=t", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None"]  # fmt: skip
    with served(command, os.environ | own, f"http://127.0.0.1:{port}/api?token=t"):
        yield f"http://127.0.0.1:{port}/lab/tree/a.ipynb?token=t"


def notebook(cells: list[str], path: Path) -> None:
    """Write a notebook of these cells of Python."""
    import nbformat

    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=spec), path)


def measured(browser, python: Path, cells: list[str], seconds: float) -> dict[str, float]:
    """Return what one view takes in a JupyterLab of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notebook(cells, folder / "a.ipynb")
        with jupyter(python, folder) as address:
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.set_default_timeout(120_000)
            page.goto(address)
            page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached")
            page.wait_for_timeout(2000)
            ready(page)
            session = page.context.new_cdp_session(page)
            before, busy = heap(session), main_thread(session)
            page.evaluate(WATCH)
            page.keyboard.press("Shift+Enter")
            page.wait_for_function("() => globalThis.loaded")
            load, busy = page.evaluate("() => globalThis.loaded"), main_thread(session) - busy
            page.wait_for_timeout(2000)
            page.locator("canvas.sigma-nodes").scroll_into_view_if_needed()
            page.evaluate(FRAMES)
            frames = drag(page, page.locator("canvas.sigma-nodes").bounding_box(), seconds)
            held = heap(session) - before
            page.close()
    return {"load": load, "page": busy, "heap": held, **frames}


def ready(page) -> None:
    """Run the first cell; one that comes while the kernel is still being joined runs nothing: again."""
    from playwright.sync_api import TimeoutError as TimedOut

    for _ in range(6):
        page.locator(".jp-Cell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        try:
            page.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]")).first.wait_for(timeout=20_000)
        except TimedOut:
            continue
        break
    page.wait_for_timeout(3000)


def heap(session) -> float:
    """Return the megabytes that JavaScript holds after a collection."""
    session.send("HeapProfiler.collectGarbage")
    return session.send("Runtime.getHeapUsage")["usedSize"] / 1e6


def main() -> None:
    """Measure both views on every graph, and print a table in Markdown."""
    parser = comparison(__doc__, 3.0)
    parser.add_argument("--peer-python", type=Path, required=True)
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    write = sys.stdout.write
    write(f"load average {os.getloadavg()[0]:.1f}\n\n")
    columns = (
        "graph",
        "view",
        "load, s",
        "page, CPU s",
        "frame, ms: median (90 %)",
        "drawing, CPU s a second",
        "heap, MB",
    )
    write(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n")
    pythons = dict(zip(VIEWS, (Path(sys.executable), given.peer_python), strict=True))
    with sync_playwright() as started, tempfile.TemporaryDirectory() as name:
        browser = started.chromium.launch(executable_path=given.chromium, args=SOFTWARE)
        for nodes, links in [one for one in SIZES if given.nodes in {None, one[0]}]:
            graph = Path(name) / f"{nodes}.json"
            graph.write_text(json.dumps(graph_of(nodes, links, given.seed)), encoding="utf-8")
            values = {"graph": str(graph), "many": links > 5000}
            rows: dict[str, list[dict[str, float]]] = {name: [] for name in VIEWS}
            for _ in range(given.repeats):
                for view, cells in VIEWS.items():
                    ready = [one.format(**values) for one in cells]
                    rows[view].append(measured(browser, pythons[view], ready, given.seconds))
                    sys.stderr.write(f"{nodes} {links} {view} {rows[view][-1]}\n")
            for view, runs in rows.items():
                middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
                loads = sorted(run["load"] / 1000 for run in runs)
                took = f"{middle['load'] / 1000:.1f} ({loads[0]:.1f}–{loads[-1]:.1f}) | {middle['page']:.1f}"
                frames = f"{middle['median']:.0f} ({middle['p90']:.0f}) | {middle['busy']:.1f}"
                write(f"| {nodes:,} / {links:,} | {view} | {took} | {frames} | {middle['heap']:.0f} |\n")
        browser.close()
    write(f"\nload average at the end {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main()
