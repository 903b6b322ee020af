"""A theme whose plan names the teams of one service does not take that service apart (R4.7.3)."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from qa_api.auth.development import DevelopmentIssuer
from tests.api import Api, Json
from tests.board.conftest import Boardroom, boardroom_over
from tests.board.test_publishing import judgements
from tests.board.test_updates import submitted
from tests.board.test_versions import report
from tests.conftest import Clone
from tests.moderation.moderating import Moderating
from tests.planning.quarters import Planning
from tests.responses.casework import Casework

FAST = ("boston-fast", "south-kesteven-fast", "east-lindsey-north-fast", "west-lindsey-fast")
DISABILITY = ("cwd", "contact-fgc")
OTHERS = ("nk-and-sk-early-help", "f4me-north", "lac-south", "lac-north", *DISABILITY)
JUDGED = ("good", "requires_improvement")


@pytest.fixture(scope="module")
def boardroom(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Iterator[Boardroom]:
    """Of this module alone: it has a fourth service."""
    with boardroom_over(clone_of_authority(), issuer) as made:
        yield made


def fourth_service(board: Api) -> None:
    """Two teams become a service of their own."""
    admin, since = board.as_("admin-1"), "2048-04-01"
    made = admin.change("PUT", "/v1/services/disability", {"name": "Children with disabilities"})
    assert made.status_code < 300, made.text
    for team in DISABILITY:
        now = admin.get(f"/v1/teams/{team}").json()
        services = [*({**one, "to": since} for one in now["services"])]
        services.append({"service": "disability", "from": since})
        kept = {name: now[name] for name in ("name", "locality", "managers", "deputies")}
        moved = admin.change("PUT", f"/v1/teams/{team}", {**kept, "services": services})
        assert moved.status_code < 300, moved.text


@pytest.mark.long
@pytest.mark.parametrize(("year", "outside", "told"), [(2048, 1, None), (2049, 0, 48)])
def test_a_theme_within_a_service_leaves_no_single_audit_of_it(
    casework: Casework,
    board: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
    done: set[str],
    year: int,
    outside: int,
    told: int | None,
) -> None:
    """49 audits of the service, 48 of them of the theme: the one was to require improvement."""
    moderating = Moderating(casework.service, board, new_ref, at)
    quarter, then = f"{year}-{year - 1999} Q1", f"{year}-05-16T09:00:00Z"
    if not done:
        at("2048-04-01T09:00:00Z")
        fourth_service(board)
        done.add("service")
    at(then)
    planning = Planning(board.as_("qs-1"), new_ref)
    theme = planning.theme()
    path = planning.published(theme, dict.fromkeys(FAST, 10), quarter=quarter)
    plan = UUID(path.rpartition("/")[2])
    for team in (*FAST, *OTHERS):
        planned = (plan, theme) if team in FAST else None
        for judgement in JUDGED:
            moderating.audits(
                *[then] * 6,
                judgement=judgement,
                team=team,
                worker=f"sw1-{team}",
                planned=planned,
            )
    for _ in range(outside):
        moderating.audits(then, judgement=JUDGED[1], team=FAST[0], worker=f"sw1-{FAST[0]}")
    at(f"{year}-07-04T09:00:00Z")
    submitted(board, "fast", quarter)
    snapshot: Json = report(board, quarter)[0]["snapshot"]
    (service,) = (one["figures"] for one in snapshot["updates"] if one["figures"])
    assert judgements(service)[JUDGED[1]] == 24 + outside
    themes = {one["theme"]: one["completed"]["count"] for one in snapshot["figures"]["themes"]}
    assert themes.get(theme) == told
