"""A process that has loaded the libraries, and forks for each run of tests: it saves two seconds a run.

Nothing of the project is loaded in it, so what one run does to a module is gone with its process. It reads one JSON
line for each run and answers with two: the number of the process, and how it ended.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
from pathlib import Path

import pytest

LIBRARIES = (
    "anyio.pytest_plugin", "hypothesis.strategies", "numba", "numpy", "pandas", "pyarrow.compute", "pyarrow.parquet",
    "scipy.sparse", "scipy.special",
)  # fmt: skip
"""What nearly every module of the package or its tests imports."""


class FirstFound:
    """No search for a smaller example where one is found, no example of an earlier run, no limit by the clock."""

    @staticmethod
    def pytest_configure() -> None:
        """Set it before a test is read."""
        from hypothesis import HealthCheck, Phase, settings

        settings.register_profile(
            "found",
            phases=(Phase.explicit, Phase.generate, Phase.target),
            database=None,
            report_multiple_bugs=False,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("found")


def run_tests(folder: str, cache: str, output: str, limit_s: int, arguments: list[str]) -> int:
    """Run the tests of a folder in this process and return the exit code.

    ``limit_s``: of processor time, 0 for none; a process that goes on longer is ended by the system.
    """
    import numba

    with Path(output).open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.setsid()
    os.chdir(folder)
    os.environ |= {"PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": cache}
    os.environ["SPMC_SHARED_DATA"] = str(Path(folder, "none"))
    sys.dont_write_bytecode, numba.config.CACHE_DIR = True, cache
    sys.path.insert(0, folder)
    if limit_s:
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 5))
    return int(pytest.main(arguments, plugins=[FirstFound]))


def main() -> None:
    """Answer until there is no further line."""
    for name in LIBRARIES:
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 1
            try:
                code = run_tests(**json.loads(line))
            finally:
                sys.stdout.flush()
                os._exit(code)
        print(child, flush=True)
        _, status, used = os.wait4(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime]), flush=True)


if __name__ == "__main__":
    main()
