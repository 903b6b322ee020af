"""Rollups say what the lists show, to everybody, whatever happened and in whatever order."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.auth.roles import Permission
from qa_api.board.list_counts import Part, Tally
from qa_api.db import Database as Connections
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.rules.judged_counts import judged, judged_so
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import (
    CATALOGUE,
    COMPLETED,
    Counted,
    Scope,
    Source,
    Span,
    of_theme,
    theme_figure,
)
from qa_api.work import Workshop
from tests.board.happenings import Happenings
from tests.board.oracle import Asked, measured
from tests.board.possible import READERS
from tests.conftest import Database, settings_for

QUARTER = FinancialQuarter(2026, 3)
SCOPES = [
    Scope(),
    Scope(team="lincoln-fast"),
    Scope(service="fast"),
    Scope(type="themed"),
    Scope(team="boston-fast", type="collaborative"),
]


@pytest.fixture
def stage(clone_of_authority: Callable[[], Database]) -> Iterator[Database]:
    """An authority of one's own, at a London morning within the quarter."""
    yield clone_of_authority()
    clock.reset()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
async def test_everybody_s_figures_count_the_rows_of_their_lists(
    stage: Database, issuer: DevelopmentIssuer, seed: int
) -> None:
    clock.freeze(datetime.fromisoformat("2026-11-23T09:30:00Z"))
    connections = await Connections.open(settings_for(stage, issuer))
    workshop = Workshop(connections, Rulebook(), REACTIONS)
    owner = await asyncpg.connect(stage.migrate_url)
    try:
        await _let_in_several(owner, issuer)
        happenings = Happenings(owner, random.Random(seed))
        await happenings.set_the_stage()
        for step in range(1, 401):
            await happenings.happen()
            if step % 20 == 0:
                wrong = await owner.fetch("SELECT * FROM wrong_rollups()")
                assert wrong == [], (step, wrong)
            if step % 200 == 0:
                clock.freeze(datetime.fromisoformat(f"2026-12-{step // 20:02}T09:30:00Z"))
                await _compare(workshop, issuer)
        assert len(happenings.happened) == 16, happenings.happened
    finally:
        await owner.close()
        await connections.close()


async def _compare(workshop: Workshop, issuer: DevelopmentIssuer) -> None:
    counted = 0
    for person in READERS:
        async with workshop.open(
            issuer=issuer.settings.issuer,
            subject=person,
            permission=Permission.METRICS_READ,
            correlation_id="compare",
        ) as work:
            for scope in SCOPES:
                asked = _everything(scope)
                expected = await measured(work, asked)
                tally = await Tally.of(work, [QUARTER], scope)
                found = [_said(tally, *one) for one in asked]
                wrong = [
                    (person, part.link, span, said, listed)
                    for (part, span), said, listed in zip(asked, found, expected, strict=True)
                    if said != listed
                ]
                assert wrong == []
                counted += sum(expected[at] for at, (_, span) in enumerate(asked) if span is None)
    assert counted > 100  # or there was nothing to get wrong


def _said(tally: Tally, part: Part, span: Span | None) -> Any:
    return tally.count(part) if span is None else tally.median(part, span)


def every_part() -> list[tuple[Counted, Span | None]]:
    """Every part of every figure, of the judgements and of the themes; and every median."""
    figures = [*CATALOGUE, theme_figure("voice")]
    parts = [(one, None) for figure in figures for one in (figure.numerator, figure.denominator)]
    of_scale = judged(JudgedOn("four-point", 1))
    parts += [(of_scale, None), (judged_so(of_scale, "good"), None)]
    of_domain = judged(JudgedOn("four-point", 1, "voice_of_the_child"))
    parts += [(of_domain, None), (judged_so(of_theme(of_domain, "plans"), "good"), None)]
    parts += [(of_theme(COMPLETED, "plans"), None)]
    parts += [(judged_so(of_theme(of_scale, "plans"), "inadequate"), None)]
    return parts + [(figure.numerator, figure.span) for figure in CATALOGUE if figure.span]


def _everything(scope: Scope) -> list[Asked]:
    return [
        (Part(counted, QUARTER, scope), span)
        for counted, span in every_part()
        if scope.type is None or counted.source is not Source.GATES
    ]


async def _let_in_several(
    owner: "asyncpg.Connection[asyncpg.Record]", issuer: DevelopmentIssuer
) -> None:
    """Somebody who supervises one team, manages another, audits, and does cases themselves."""
    await owner.execute(
        "WITH p AS (INSERT INTO principals (id, issuer, subject, worker, version)"
        " VALUES (gen_random_uuid(), $1, 'several', 'sw1-boston-fast', 1) RETURNING id)"
        " INSERT INTO role_assignments (id, principal_id, role, scope, team, valid, version)"
        " SELECT gen_random_uuid(), p.id, role, scope, team, '[2020-01-01,)', 1 FROM p, (VALUES"
        " ('practice_supervisor', 'team', 'lincoln-fast'), ('team_manager', 'team', 'lac-north'),"
        " ('auditor', 'authority', NULL), ('worker', 'authority', NULL)) r(role, scope, team)",
        issuer.settings.issuer,
    )
