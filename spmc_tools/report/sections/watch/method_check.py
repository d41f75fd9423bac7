"""Values of the sections that try the method on the case at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.report.sections.groups.shown_groups import groups
from spmc_tools.report.sections.watch import check_values
from spmc_tools.report.values.declaration import Declaration

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from spmc_tools.findings.result.findings import Findings
    from spmc_tools.findings.robustness.power import Power

__all__ = ["SECTIONS", "check", "copies", "other_choices", "power", "rates"]

STAYS = 0.8
"""A finding stays where at least this share of its named accounts is named again."""


def power(power: Power) -> check_values.PowerTable:
    """Return the smallest campaign that would have been shown, over all and for each size."""
    rows = _tried(power.table)
    states = [row.state for row in rows]
    tried = [state for state in states if state in {"shown", "not_shown"}]
    why = max(sorted(set(states)), key=states.count) if states else "no_kind"
    return check_values.PowerTable(
        state="shown" if "shown" in states else "not_shown" if tried else why,
        smallest=_size(power.smallest),
        session=check_values.SizesOfSession(
            smallest=_size(power.smallest_session, session=True),
            rows=() if power.sessions is None else _tried(power.sessions, session=True),
            hours=round(power.notes.get("session_s", 0) / 3600),
        ),
        rows=rows,
        sizes=len({row.n_accounts for row in rows}),
        traces=tuple(dict.fromkeys(row.trace for row in rows)),
        takes_part=round(10 * power.notes["takes_part"]),
        share=power.notes["share"],
        effort=power.notes["effort"],
        assessments=power.notes["n_assessments"],
    )


def _tried(table: pd.DataFrame, session: bool = False) -> tuple[check_values.SizeTried, ...]:
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    named = ({str(name): value for name, value in row.items()} for row in rows)
    return tuple(check_values.SizeTried(**row, session=session) for row in named)


def _size(smallest: Mapping[str, Any] | None, session: bool = False) -> check_values.SizeTried | None:
    return None if smallest is None else check_values.SizeTried(**smallest, session=session)


def copies(resampled: Mapping[str, Any]) -> check_values.Copies:
    """Return whom the rule names in copies of the case in which nobody acts together on purpose, and the small p.

    ``resampled``: as :func:`spmc_tools.findings.robustness.resampling.resampled` gives it.
    """
    traces = tuple(check_values.TraceTried(**row) for row in resampled["traces"])
    return check_values.Copies(
        left_out=check_values.LeftOut(**resampled["left_out"]),
        rest=check_values.RestNamed(**resampled["rest"]),
        draws=resampled["draws"],
        traces=traces,
        kinds=tuple(check_values.CopyKind(**kind) for kind in resampled["kinds"]),
        lines=tuple(_line(line) for line in resampled["lines"]),
        state="looked_at" if any(row.state == "looked_at" for row in traces) else "insufficient",
    )


def _line(line: Mapping[str, Any]) -> check_values.QuantileLine:
    return check_values.QuantileLine(
        line=line["line"],
        n_tests=line["n_tests"],
        points=tuple((expected, observed) for expected, observed in line["points"]),
        counts=tuple(check_values.SmallCount(**count) for count in line["counts"]),
    )


def other_choices(variants: Mapping[str, Any]) -> check_values.OtherChoices:
    """Return under which other windows and strata each finding stays.

    Of each finding ``stays`` counts the choices under which four fifths of its named accounts are named again, ``of``
    those that could be tried. ``variants``: as :func:`spmc_tools.findings.robustness.sensitivity.variants` gives it.
    """
    rows = tuple(
        check_values.ChoiceRow(
            window_s=row["window_s"],
            strata=row["strata"],
            traces=tuple(row["traces"]),
            stay=tuple(row["stay"]),
            named=row["named"],
            new=row["new"],
        )
        for row in variants["rows"]
    )
    able = [row for row in rows if row.traces]
    found = tuple(
        check_values.Stays(
            group=place + 1,
            named=finding["named"],
            stays=sum(row.stay[place] >= STAYS * finding["named"] - 1e-9 for row in able),
            of=len(able),
        )
        for place, finding in enumerate(variants["findings"])
    )
    return check_values.OtherChoices(findings=found, rows=rows, share=STAYS)


def rates(found: Findings) -> check_values.Rates:
    """Return the share of named accounts by script and language of their posts, with the names of the languages."""
    from spmc_tools.findings.robustness.flag_rates import FEWEST, flag_rates

    made = flag_rates(found.read_records(), found.accounts)
    scripts = tuple(check_values.ScriptRate(**row) for row in made["scripts"])
    languages = None if made["languages"] is None else tuple(_language(row) for row in made["languages"])
    differs = [*(row.differs for row in scripts), *(row.differs for row in languages or ())]
    return check_values.Rates(
        all=check_values.Rate(**made["all"]),
        scripts=scripts,
        languages=languages,
        other_languages=made["other_languages"],
        fewest=FEWEST,
        n_differ=sum(difference in {"higher", "lower"} for difference in differs),
    )


def _language(row: Mapping[str, Any]) -> check_values.LanguageRate:
    """Return the rate of a language with its name in each language of the page, where each knows it."""
    from babel import Locale

    titles = {code: str(Locale(code).languages.get(row["value"]) or "") for code in ("en", "hi")}
    return check_values.LanguageRate(**row, title=titles if all(titles.values()) else None)


def check(
    found: Findings, power: Power, resampled: Mapping[str, Any], variants: Mapping[str, Any]
) -> check_values.Check:
    """Return what the checks say together."""
    tried = copies(resampled)
    named = sum(kind.copies for kind in tried.kinds)
    others = other_choices(variants).findings
    return check_values.Check(
        state="insufficient" if tried.state == "insufficient" else "named" if named else "held",
        copies=sum(kind.draws for kind in tried.kinds),
        copies_named=named,
        rest=tried.rest.named,
        left_out=tried.left_out.accounts,
        groups=len(groups(found)),
        stay_everywhere=sum(finding.stays == finding.of for finding in others),
        choices=max((finding.of for finding in others), default=0),
        smallest=_size(power.smallest),
        takes_part=round(10 * power.notes["takes_part"]),
        differ=rates(found).n_differ,
    )


SECTIONS = (
    Declaration("power", ("power",), power, check_values.PowerTable),
    Declaration("check", ("found", "power", "resampled", "variants"), check, check_values.Check),
    Declaration("copies", ("resampled",), copies, check_values.Copies),
    Declaration("variants", ("variants",), other_choices, check_values.OtherChoices),
    Declaration("rates", ("found",), rates, check_values.Rates),
)
"""The sections that stand in this module."""
