"""What went wrong in a notebook as one sentence, never as a traceback; and what a stop leaves behind."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from spmc_tools.errors import SpmcError
from spmc_tools.progress import call_stages

__all__ = ["errors_as_sentences"]


def errors_as_sentences(words: Any) -> None:
    """Let errors of this package, and a stop by the officer, be a sentence in this notebook; bars speak its language.

    In a run (a report, a scheduled job) and outside of a notebook nothing changes: there the traceback is kept. ``%tb``
    shows it in a notebook, too.

    Parameters
    ----------
    words : Wording
        As :class:`spmc_tools.report.wording.Wording` makes them.
    """
    if os.environ.get("SPMC_RUN"):
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return

    def called(stage: str) -> str:
        for key in (f"trace.{stage}", f"progress.{stage}"):
            with suppress(SpmcError):
                return str(words.say(key))
        return stage

    call_stages(called)

    def say(
        shell: Any, kind: type[BaseException], error: BaseException, _trace: Any, tb_offset: Any = None
    ) -> list[str]:
        said = str(words.say("stopped")) if issubclass(kind, KeyboardInterrupt) else str(error)
        shell._showtraceback(kind, error, [said])
        return [said]

    shell.set_custom_exc((SpmcError, KeyboardInterrupt), say)
