"""Build hook: a wheel carries the network view's bundles and the font of Urdu, made by ``js/build.py``."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class NetworkView(BuildHookInterface):
    """Builds the files of ``js/dist/`` and puts them into the wheel; an editable install builds it on its own."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundles before the files of the wheel are collected."""
        if version == "editable":
            return
        made: Path = runpy.run_path(str(Path(self.root) / "js" / "build.py"))["build"]()
        names = ("network_frame.js", "noto_nastaliq_urdu.woff2", "noto_nastaliq_urdu.txt")
        for path in (made, *(made.with_name(name) for name in names)):
            build_data["force_include"][str(path)] = f"spmc_tools/_resources/js/dist/{path.name}"
