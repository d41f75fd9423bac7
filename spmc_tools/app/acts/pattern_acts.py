"""Deciding by a form about groups that an ordinary pattern explains: one officer clears, two name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spmc_tools.app.acts.act_form import Act, ActField, Done, Ground, ShownTable, command_line
from spmc_tools.app.acts.key_acts import PASSPHRASE, WHO, needs_passphrase, signer_of
from spmc_tools.case.acts.pattern_decisions import DECISIONS
from spmc_tools.custody.review.decide import decide, group_of
from spmc_tools.findings.result.decided_patterns import decided

if TYPE_CHECKING:
    from spmc_tools.findings.result.decided_patterns import PatternGroup

__all__ = ["PATTERN_ACTS", "patterns_table"]

_SHORT = 12


def _groups(ground: Ground) -> list[PatternGroup]:
    found = ground.look()
    return [] if found is None else decided(found)


def _choices(ground: Ground) -> list[tuple[str, str]]:
    return [(one.digest, f"{one.digest[:_SHORT]} · {', '.join(one.accounts)[:80]}") for one in _groups(ground)]


def _closed(ground: Ground) -> str:
    if ground.look() is None:
        return ground.say("app.not_looked")
    return "" if _groups(ground) else ground.say("app.no_pattern")


def _do(ground: Ground, values: dict[str, Any]) -> Done:
    chosen = group_of(_groups(ground), values["group"])
    signer = signer_of(values["as"], values["passphrase"])
    state = decide(ground.opened, chosen, values["decision"], values["reason"], officer=values["as"], signer=signer)
    lines = [ground.say("app.pattern_done", group=chosen.digest[:_SHORT], state=ground.say(f"app.pattern.{state}"))]
    return Done((*lines, *(() if signer is not None else (ground.say("app.unsigned"),))))


PATTERN_ACTS = (
    Act(
        "decide",
        (
            ActField("group", "choice", options=_choices),
            ActField(
                "decision", "choice",
                options=lambda ground: [(name, ground.say(f"app.decide.{name}")) for name in DECISIONS],
            ),
            ActField("reason"),
            WHO,
            PASSPHRASE,
        ),
        _do,
        lambda case, v: command_line(
            "spmc", "decide", case, (v["group"] or "")[:_SHORT], "--decision", v["decision"], "--as", v["as"],
            "--reason", v["reason"],
        ),
        closed=_closed,
        check=needs_passphrase,
    ),
)  # fmt: skip


def patterns_table(ground: Ground) -> list[ShownTable]:
    """Return the groups with an ordinary pattern and what was decided of each, as a table."""
    say = ground.say
    rows = [
        (
            one.digest[:_SHORT], ", ".join(one.accounts), ", ".join(say(f"trace.{name}") for name in one.traces),
            ", ".join(say(f"first.pattern.{name}") for name in one.patterns), say(f"app.pattern.{one.state}"),
            "; ".join(
                f"{say('app.decide.' + act.decision)} · {act.by} · {ground.logged(act.at)} · {act.reason}"
                for act in one.acts
            ) or "–",
        )
        for one in _groups(ground)
    ]  # fmt: skip
    names = ("group", "members", "traces", "pattern", "state", "decision")
    return [ShownTable("patterns", say("app.table.patterns"), tuple(say(f"app.field.{n}") for n in names), rows)]
