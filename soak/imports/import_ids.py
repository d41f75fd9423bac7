"""A process that imports ids, one made-up post each, and says where it is, so that a kill can be aimed.

python -m soak.imports.import_ids CASE FILE
"""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path

from spmc_tools.case.store.case import open_case
from spmc_tools.schema import RECORDS

AT_ONCE = 500


def main(case_id: str, source: Path) -> None:
    sha256, ids = hashlib.sha256(source.read_bytes()).hexdigest(), source.read_text().split()
    print("ready", flush=True)
    case = open_case(case_id)
    with case.new_batch(source, sha256) as batch:
        known = {i for _, i in case.known_ids()}
        fresh = [i for i in ids if i not in known]
        for start in range(0, len(fresh), AT_ONCE):
            rows = [
                {
                    "record_id": i,
                    "platform": "x",
                    "account_id": f"a{n % 97}",
                    "created_at": datetime(2025, 11, 1, tzinfo=UTC),
                    "kind": "post",
                    "text": f"शब्द {i} " * 8,
                    "source_sha256": sha256,
                    "source_row": n,
                }
                for n, i in enumerate(fresh[start : start + AT_ONCE], start=start + 1)
            ]
            batch.write(records=RECORDS.from_rows(rows))
        print("commit", flush=True)
        batch.commit(format="soak", read=len(ids), duplicates=len(ids) - len(fresh))
    print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
