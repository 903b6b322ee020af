"""Agreement beyond chance gives back no judgement that is withheld or joined (R4.5.4, R4.7.3).

A coefficient to four places is an equation: with the counts beside it one table of pairs fits, the
true one. The attackers here know what is shown, and go through every table that fits.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson
import pytest

import qa_api.data
from qa_api.board.agreement import agreement_of
from qa_api.board.doubts import beyond_chance
from qa_api.board.figure_schemas import (
    AgreementFiguresOut,
    MetricPartOut,
    MetricsOut,
    ScaleJudgementsOut,
)
from qa_api.board.publishing import after_cell, before_cell, listed, pairs_cell, without
from qa_api.models.catalogue import ScalePoint
from qa_api.moderation.figures import PairOfTeam, scale_agreement
from qa_api.rules.agreement import Withheld
from qa_api.rules.coefficients import Table, ac2, alpha, kappa
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Scope
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import KappaWeights, SecondGrade
from qa_api.rules.readers import Cell

POLICY: Final = Policy(version=1, effective_from=date(2020, 1, 1))
FEWEST: Final = POLICY.small_cell_minimum
POINTS: Final = ("good", "fair", "poor")
ON: Final = JudgedOn("three-point", 1, None)
TABLE: Final[Table] = {
    (1, 1): 20,
    (2, 2): 25,
    (3, 3): 9,
    (2, 1): 0,
    (3, 2): 6,
    (1, 2): 2,
    (2, 3): 4,
}
"""Auditor's and moderated ranks: 54 alike, 6 raised by one, 6 lowered by one."""


def figures(table: Table) -> MetricsOut:
    """The figures of a quarter whose audits were all moderated, nothing withheld yet."""
    pairs = [
        PairOfTeam(
            ON,
            SecondGrade.SEALED,
            POINTS[one - 1],
            POINTS[other - 1],
            "a1",
            outcome=UUID(int=at),
            audit=UUID(int=at),
        )
        for (one, other), often in table.items()
        for at in range(often)
    ]
    points = [ScalePoint(code=code, label=code.capitalize()) for code in POINTS]
    agreed = scale_agreement(ON, None, SecondGrade.SEALED, points, pairs, POLICY)
    given = Counter(pair.before for pair in pairs)
    judged = {
        "scale_code": ON.scale,
        "scale_number": ON.number,
        "domain_key": None,
        "domain": None,
        "denominator": MetricPartOut(definition="audits", count=len(pairs), rows="/all"),
        "judgements": [
            {"judgement": one, "label": one, "count": given[one], "rows": f"/{one}"}
            for one in POINTS
        ],
        "moderated": [each.model_dump() for each in agreed.distribution],
        "moderated_pairs": len(pairs),
        "moderated_second_grade": SecondGrade.SEALED,
        "withheld": False,
    }
    example = Path(qa_api.data.__path__[0]) / "examples" / "MetricsOut.json"
    quarter = FinancialQuarter.labelled("2026-27 Q2")
    made = {**orjson.loads(example.read_bytes()), "joined": None, "stands": None}
    return MetricsOut.model_validate_json(orjson.dumps(made)).model_copy(
        update={
            "judgements": [ScaleJudgementsOut.model_validate(judged)],
            "themes": [],
            "agreement": agreement_of([agreed], quarter, Scope()),
            "beyond_chance": beyond_chance([agreed]),
        }
    )


def agreed_in(metrics: MetricsOut) -> AgreementFiguresOut:
    """The agreement on the one scale."""
    assert metrics.agreement
    return metrics.agreement[0]


def told(metrics: MetricsOut, *joined: str) -> MetricsOut:
    """What is left without judgements before and after moderation, nor these one by one."""
    (scale,) = metrics.judgements
    hidden: set[Cell] = {f"/{judgement}" for judgement in joined}
    for point in scale.moderated:
        hidden |= {before_cell(scale, point), after_cell(scale, point)}
    return without(metrics, frozenset(hidden))


# --- the attack ---


def sums(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to make a total of so many parts."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in sums(total - first, parts - 1):
            yield first, *rest


def every_table() -> Iterator[Table]:
    """Every table of which 54 are alike, 6 raised by one rank and 6 lowered by one."""
    for alike, raised, lowered in product(sums(54, 3), sums(6, 2), sums(6, 2)):
        yield {
            **{(at, at): often for at, often in enumerate(alike, start=1)},
            **{(at + 1, at): often for at, often in enumerate(raised, start=1)},
            **{(at, at + 1): often for at, often in enumerate(lowered, start=1)},
        }


def given_once(table: Table, rank: int) -> int:
    return sum(often for (before, _), often in table.items() if before == rank)


def coefficients(table: Table) -> tuple[float | None, ...]:
    """Kappa, AC2 and alpha of a table, to four places."""
    kept = {ranks: often for ranks, often in table.items() if often}
    found = (kappa(kept, KappaWeights.LINEAR), ac2(kept, 3, KappaWeights.LINEAR), alpha(kept))
    return tuple(None if one is None else round(one.value, 4) for one in found)


def fitting(metrics: MetricsOut) -> list[Table]:
    """The tables that fit what is shown: counts, judgements that are not joined, coefficients."""
    agreed = agreed_in(metrics)
    assert [one.numerator.count for one in agreed.figures] == [54, 66, 6, 6], "they are told"
    (scale,) = metrics.judgements
    given = {rank: one.count for rank, one in enumerate(scale.judgements, start=1)}
    found = [
        table
        for table in every_table()
        if all(count in {None, given_once(table, rank)} for rank, count in given.items())
    ]
    if agreed.weighted_kappa is not None:
        found = [one for one in found if coefficients(one)[0] == agreed.weighted_kappa]
    for beyond in metrics.beyond_chance or ():
        shown = tuple(one.value for one in (beyond.kappa, beyond.ac2, beyond.alpha))
        found = [one for one in found if coefficients(one) == shown]
    return found


@pytest.mark.long
@pytest.mark.parametrize("joined", [(), ("good", "fair")], ids=["one by one", "joined"])
def test_no_field_of_a_few_pairs_follows_from_what_is_told(joined: tuple[str, ...]) -> None:
    whole = figures(TABLE)
    left = fitting(told(whole, *joined))
    for ranks, often in TABLE.items():
        if 0 < often < FEWEST and joined:
            every = {table[ranks] for table in left}
            assert max(every) - min(every) >= FEWEST, ranks
    assert len(left) > 1
    # An attack that never succeeds would show nothing: beside the coefficients one table fits.
    shown = told(whole, *joined)
    leaking = {"agreement": whole.agreement, "beyond_chance": whole.beyond_chance}
    assert fitting(shown.model_copy(update=leaking)) == [TABLE]


# --- when they are shown ---


def test_a_kind_of_pairs_is_not_listed_where_not_even_their_number_is_told() -> None:
    """It is listed because there is a pair: that would say so."""
    whole = figures(TABLE)
    assert listed(whole).agreement == whole.agreement
    exact = agreed_in(whole).figures[0]
    assert listed(without(whole, frozenset({exact.numerator.rows}))).agreement
    assert listed(without(whole, frozenset({exact.denominator.rows}))).agreement == []


def kappa_of(metrics: MetricsOut) -> tuple[float | None, Withheld | None, int]:
    """Kappa, why there is none, and of how many scales more is told."""
    agreed = agreed_in(metrics)
    return agreed.weighted_kappa, agreed.kappa_withheld, len(metrics.beyond_chance or ())


def test_coefficients_stand_where_all_that_they_are_made_of_does() -> None:
    whole = figures(TABLE)
    assert kappa_of(without(whole, frozenset())) == kappa_of(whole)
    assert kappa_of(whole)[1:] == (None, 1)


def test_they_are_withheld_where_anything_of_that_is() -> None:
    whole = figures(TABLE)
    (scale,), agreed = whole.judgements, agreed_in(whole)
    parts: set[Cell] = {one.rows for one in scale.judgements}
    parts |= {one.numerator.rows for one in agreed.figures}
    parts |= {cell(scale, one) for one in scale.moderated for cell in (before_cell, after_cell)}
    parts |= {pairs_cell(scale), agreed.figures[0].denominator.rows}
    assert len(parts) == 3 + 4 + 6 + 2
    for part in parts:
        left = without(whole, frozenset({part}))
        assert kappa_of(left) == (None, Withheld.SMALL_CELLS, 0), part


def test_before_and_after_of_pairs_that_were_not_sealed_say_nothing_of_sealed_ones() -> None:
    whole = figures(TABLE)
    open_ones = [
        one.model_copy(update={"moderated_second_grade": SecondGrade.OPEN})
        for one in whole.judgements
    ]
    left = without(whole.model_copy(update={"judgements": open_ones}), frozenset())
    assert kappa_of(left) == (None, Withheld.SMALL_CELLS, 0)


def test_too_few_pairs_are_said_to_be_so_where_they_are_told() -> None:
    whole = figures({(1, 1): 20, (1, 2): 10})
    few = Withheld.TOO_FEW_PAIRS
    assert kappa_of(whole) == kappa_of(without(whole, frozenset())) == (None, few, 1)
    agreed = agreed_in(whole)
    for part in (agreed.figures[0].numerator.rows, agreed.figures[0].denominator.rows):
        left = without(whole, frozenset({part}))
        assert kappa_of(left)[2] == 0, "its sentence repeats the count"
    assert kappa_of(left) == (None, Withheld.SMALL_CELLS, 0), "how many pairs is not told"


def test_that_everything_was_judged_the_same_is_not_told_either() -> None:
    whole = figures({(1, 1): 70})
    assert kappa_of(whole) == (None, Withheld.NO_VARIATION, 1)
    assert kappa_of(told(whole)) == (None, Withheld.SMALL_CELLS, 0)
