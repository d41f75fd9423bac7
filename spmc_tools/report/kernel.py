"""The kernel that runs a notebook: always this interpreter, talking over local pipes, never over the network."""

from __future__ import annotations

import os
import sys
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Dict, default

__all__ = ["OwnKernel"]


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
