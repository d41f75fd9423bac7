"""The kernel of a run: interrupted while it works, never while it ends."""

from __future__ import annotations

import asyncio
import signal

from spmc_tools.report.running.kernel import OwnKernel


def test_a_kernel_that_ends_is_not_interrupted_and_one_at_work_is() -> None:
    async def signals() -> list[int]:
        kernel, sent = OwnKernel(), []
        await kernel.start_kernel()
        real = kernel.provisioner.send_signal

        async def signalled(number: int) -> None:
            sent.append(number)
            await real(number)

        kernel.provisioner.send_signal = signalled
        client = kernel.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        await kernel.interrupt_kernel()
        client.stop_channels()
        await kernel.shutdown_kernel()
        assert not await kernel.is_alive()
        return sent

    sent = asyncio.run(signals())
    assert [one for one in sent if one == signal.SIGINT] == [signal.SIGINT]  # a slow end may be asked for by SIGTERM
