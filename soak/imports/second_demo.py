"""The demo twice over, each time with its whole report: the second adds no post, and nothing in the case differs then.

python -m soak.imports.second_demo
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from soak.scratch import scratch
from spmc_tools.case.store.case import open_case
from spmc_tools.custody.review.verify import verify
from spmc_tools.demo import run_demo, sample_facts


def main() -> None:
    files, terms = (len(sample_facts()[name]) for name in ("files", "watch_term"))
    with scratch():
        runs = [run_demo() for _ in range(2)]
        assert [run.status for run in runs] == ["complete"] * 2
        assert all(one.report.parent != other.report.parent for one, other in pairwise(runs))
        case = open_case("sample")
        kinds = Counter(entry["kind"] for entry in case.ledger.entries())
        wanted = {"import": files, "import_repeated": files, "watch_term": terms, "report": 2}
        assert len(case.batches()) == files
        assert wanted.items() <= kinds.items(), kinds
        assert verify(case.path).ok
    print(f"the second demo added nothing: {wanted}")


if __name__ == "__main__":
    main()
