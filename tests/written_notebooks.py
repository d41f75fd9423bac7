"""Parts of notebooks that a test writes: the kernel they name, and cells that open the case and draw a section."""

from __future__ import annotations

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
OPEN = (
    "import spmc_tools as spmc\n"
    "from spmc_tools.report.scope.scope import in_period\n"
    "from spmc_tools.report.page.sections import section\n"
    "opened = spmc.open_case(case)"
)
PURPOSE = 'section("purpose", case=opened, scope=in_period(opened))'
