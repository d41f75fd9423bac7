"""A desk that refreshes while its notebook is open: a folder is watched, what comes is imported, the view is drawn.

The work is done in a thread beside the notebook, one look after the other; cells run meanwhile. *Stop* ends it at once:
a file that is being read is left out entirely, and is read at the next start. What another program imports into the
case shows too.
"""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from spmc_tools.desks.base.calendar import IST
from spmc_tools.desks.complaints.inbox_folder import InboxFolder
from spmc_tools.errors import SpmcError
from spmc_tools.show.widgets.safe_tables import table_html, text_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from spmc_tools.case.store.case import Case
    from spmc_tools.desks.complaints.inbox_folder import Taken

    Say = Callable[..., object]

__all__ = ["LiveDesk"]

FILES = 12
"""Files whose outcome is shown, the last ones."""

AGEING_S = 60.0
"""Where nothing new came, the view is drawn again after so long: who waits grows older."""


class LiveDesk:
    """The widget and its work; ``widget`` is what a notebook shows.

    Attributes
    ----------
    widget : ipywidgets.VBox
        Folder, how its files are obtained, from whom, zone; *start* and *stop*; what is going on, the last files, and
        the desk.
    running : bool
        Whether it looks.
    desk : object or None
        The desk as it was drawn last.
    taken : list of Taken
        What became of the files since the start, in order.
    """

    def __init__(  # noqa: PLR0913 -- what the form begins with
        self, case: Case, make: Callable[[], tuple[Any, str]], say: Say, *, folder: str | None = None,
        obtained: str | None = None, mapping: str | None = None, tz: str | None = None, every_s: float = 10.0,
    ) -> None:  # fmt: skip
        from spmc_tools.case.acts.provenance import OBTAINED

        self._case, self._make, self._say = case, make, say
        self._mapping, self._every_s = Path(mapping) if mapping else None, max(0.05, every_s)
        self.desk: Any = None
        self.taken: list[Taken] = []
        self._task: asyncio.Task[None] | None = None
        self._stop = threading.Event()
        self._wake: asyncio.Event | None = None
        self._drawn_at, self._drawn_of = 0.0, ""
        wide, style = widgets.Layout(width="40em"), {"description_width": "16em"}
        self.folder = widgets.Text(value=folder or "", description=self._words("live.folder"), layout=wide, style=style)
        ways: list[tuple[str, str | None]] = [(self._words("intake.obtained.unsaid"), None)]
        ways += [(self._words(f"intake.obtained.{way}"), way) for way in OBTAINED]
        self.obtained = widgets.Dropdown(
            options=ways, value=obtained, description=self._words("intake.obtained"), layout=wide, style=style
        )
        self.source = widgets.Text(value="", description=self._words("intake.from"), layout=wide, style=style)
        self.zone = widgets.Text(value=tz or "", description=self._words("intake.zone"), layout=wide, style=style)
        self.start_button = widgets.Button(description=self._words("live.start"))
        self.stop_button = widgets.Button(description=self._words("live.stop"), disabled=True)
        self.status, self.files, self.view = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.start_button.on_click(lambda _button: self.start())
        self.stop_button.on_click(lambda _button: self.stop())
        buttons = widgets.HBox([self.start_button, self.stop_button])
        asked = [self.folder, self.obtained, self.source, self.zone]
        self.widget = widgets.VBox([*asked, buttons, self.status, self.files, self.view])
        self._tell("live.off")

    def _words(self, key: str, **values: object) -> str:
        return str(self._say(key, **values))

    def _tell(self, key: str, more: str = "", **values: object) -> None:
        self.status.value = text_html(f"{self._words(key, **values)}\n{more}".strip())

    @property
    def running(self) -> bool:
        """Whether it looks, or is about to stop."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin to look, and return at once; what is wrong with the folder stands in the widget. Twice is once."""
        if self.running:
            return
        if self.obtained.value is None:
            self._tell("intake.obtained.first")
            return
        try:
            folder = InboxFolder(
                Path(self.folder.value.strip()), self.obtained.value, self.source.value.strip() or None,
                self._mapping, self.zone.value.strip() or None,
            )  # fmt: skip
        except SpmcError as error:
            self._tell("live.refused", str(error))
            return
        self._stop.clear()
        self._wake = asyncio.Event()
        self._drawn_at, self._drawn_of = 0.0, ""
        self._switch(on=True)
        self._task = asyncio.get_running_loop().create_task(self._run(folder))
        self._task.add_done_callback(self._ended)

    def stop(self) -> None:
        """Ask it to end, and return at once: a file that is being read is not kept."""
        if not self.running:
            return
        self._stop.set()
        self._tell("live.stopping")
        if self._wake is not None:
            self._wake.set()

    def _switch(self, *, on: bool) -> None:
        self.start_button.disabled, self.stop_button.disabled = on, not on
        for field in (self.folder, self.obtained, self.source, self.zone):
            field.disabled = on

    async def _run(self, folder: InboxFolder) -> None:
        while not self._stop.is_set():
            try:
                await self._once(folder)
            except SpmcError as error:  # the folder is away, the log is broken: say so, look again
                self._tell("live.problem", str(error))
            await self._pause()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Say that it has ended, also where something broke that nobody expected."""
        self._switch(on=False)
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._tell("live.off")
        else:
            self._tell("live.broken", f"{type(error).__name__}: {error}")

    async def _once(self, folder: InboxFolder) -> None:
        """Look, take what is there, and draw where something changed; the work is done beside the notebook."""
        if not self._drawn_of:
            self._tell("live.reading")
        for path in await asyncio.to_thread(folder.settled):
            if self._stop.is_set():
                return
            self._tell("live.takes", name=path.name)
            self.taken.append(await asyncio.to_thread(folder.take, self._case, path, lambda: not self._stop.is_set()))
            self._list()
        if self._stop.is_set():
            return
        made = await asyncio.to_thread(self._draw)
        if made is not None:
            self.desk, self.view.value = made
        self._tell("live.on", n=len(self.taken), every=round(self._every_s), at=f"{datetime.now(IST):%H:%M:%S}")

    def _draw(self) -> tuple[Any, str] | None:
        """Return the desk and its page; None where neither the case nor the minute is another."""
        state = self._case.inputs_hash()
        if state == self._drawn_of and time.monotonic() - self._drawn_at < AGEING_S:
            return None
        made = self._make()
        self._drawn_at, self._drawn_of = time.monotonic(), state
        return made

    async def _pause(self) -> None:
        if self._wake is None or self._stop.is_set():
            return
        try:
            await asyncio.wait_for(self._wake.wait(), self._every_s)
        except TimeoutError:
            return

    def _list(self) -> None:
        names = ("name", "outcome", "read", "kept", "duplicates", "refused", "said")
        heads = [self._words(f"live.file.{name}") for name in names]
        rows = []
        for file in reversed(self.taken[-FILES:]):
            counts = [None] * 4 if file.result is None else [
                file.result.read, file.result.kept, file.result.duplicates, file.result.refused
            ]  # fmt: skip
            rows.append([file.name, self._words(f"live.outcome.{file.outcome}"), *counts, file.said or None])
        self.files.value = table_html(heads, rows)
