"""The kernel that runs a notebook, and how the run is kept.

It is always this interpreter, talking over local pipes, never over the network.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from papermill.engines import NBClientEngine, NotebookExecutionManager
from traitlets import Dict, default

__all__ = ["ENGINE", "OwnKernel", "RareSaves", "RunEngine"]

ENGINE = "spmc"
EVERY_S = 60.0
"""A notebook that runs is written this often; papermill does it twice for each cell, a third of a report's time."""


class OwnKernel(AsyncKernelManager):
    """A kernel of the interpreter that runs this program, whatever kernels the machine has installed.

    ``environment`` is added to the kernel's environment variables.
    """

    environment = Dict(help="Environment variables of the kernel.").tag(config=True)

    @default("transport")
    def _local(self) -> str:
        return "tcp" if os.name == "nt" else "ipc"

    @property
    def kernel_spec(self) -> KernelSpec:
        """The command line of the kernel."""
        return KernelSpec(
            argv=[
                sys.executable,
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
                "--HistoryManager.enabled=False",
            ],
            display_name="SPMC",
            language="python",
            interrupt_mode="signal",
        )

    async def _async_pre_start_kernel(self, **kw: Any) -> Any:
        kw["env"] = {**(kw.get("env") or os.environ), **self.environment}
        return await super()._async_pre_start_kernel(**kw)

    pre_start_kernel = _async_pre_start_kernel  # the base class binds its own under this name

    async def _async_interrupt_kernel(self) -> None:
        """Interrupt a kernel at work; one that is asked to end is at rest, and would complain of it on the screen."""
        if not self.shutting_down:
            await super()._async_interrupt_kernel()

    interrupt_kernel = _async_interrupt_kernel


class RareSaves(NotebookExecutionManager):  # type: ignore[misc]
    """Keeps track of a run; its notebook is written when it has ended, however it ended, and each minute before."""

    def save(self, **kwargs: Any) -> None:
        """Write the notebook where the run has ended or it was not written for a minute."""
        if self.end_time is not None or (self.now() - self.last_save_time).total_seconds() >= EVERY_S:
            super().save(**kwargs)


class RunEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's own engine, with :class:`RareSaves`."""

    @classmethod
    def execute_notebook(  # noqa: PLR0913, PLR0917 -- as papermill calls it
        cls,
        nb: Any,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: bool = True,
        log_output: bool = False,
        autosave_cell_every: int = 30,
        **kwargs: Any,
    ) -> Any:
        """Return the notebook as it ran, up to the cell that raised."""
        kept = RareSaves(
            nb,
            output_path=output_path,
            progress_bar=progress_bar,
            log_output=log_output,
            autosave_cell_every=autosave_cell_every,
        )
        kept.notebook_start()
        try:
            cls.execute_managed_notebook(kept, kernel_name, log_output=log_output, **kwargs)
        finally:
            kept.cleanup_pbar()
            kept.notebook_complete()
        return kept.nb
