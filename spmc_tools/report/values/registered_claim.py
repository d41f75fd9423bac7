"""What every section that shows a claim of the register says of it."""

from __future__ import annotations

from spmc_tools.report.values.privacy import Clock, Code, Quoted, WebAddress, Wording
from spmc_tools.report.values.section_values import section_values

__all__ = ["RegisteredClaim"]


@section_values
class RegisteredClaim:
    """A claim of the register: its words as it goes round, and what the office entered of its official version."""

    claim_id: Wording
    status: Code
    text: Quoted
    official_version: Wording | None
    official_url: WebAddress | None
    official_at: Clock | None
