"""What later versions tell of medians, of observations, and under a raised minimum (R4.7.3)."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import pytest

from qa_api.models.audits import Audit
from qa_api.models.base import new_id
from qa_api.models.observations import PracticeObservation
from qa_api.models.responses import AuditResponse
from qa_api.work import Work
from tests.api import Api, Json
from tests.board.possible import TOLD
from tests.board.test_metrics import figure, metrics
from tests.board.test_publishing import judgements
from tests.board.test_reports import presented
from tests.board.test_versions import TEAMS, standing
from tests.directory.test_policy_by_two import decide, proposed
from tests.moderation.moderating import Moderating
from tests.responses.casework import Casework

QUARTER, NOTIFIED = "2022-23 Q2", date(2022, 8, 1)
IN_TWO, IN_FOUR = date(2022, 8, 3), date(2022, 8, 5)
RESPONSES, OBSERVATIONS = "audit-responses/due", "observations/workers"


def figures(board: Api) -> Json:
    """What the next version of the quarter's report tells."""
    path = presented(board, quarter=QUARTER)
    return dict(board.as_("qs-1").get(path).json()["snapshot"]["figures"])


async def responded(work: Work, audit_id: str, on: date) -> None:
    """The response to an audit, submitted on a day."""
    audit = await work.session.get_one(Audit, UUID(audit_id))
    response = AuditResponse(
        id=new_id(),
        audit_id=audit.id,
        subject_id=audit.subject_id,
        team=audit.team,
        worker=audit.worker,
        restricted=False,
        notified_at=datetime.fromisoformat(f"{NOTIFIED}T09:00:00Z"),
        due_on=date(2022, 8, 15),
        explanation=TOLD,
        state="awaiting_notification",
    )
    work.session.add(response)
    await work.session.flush()
    response.state = "awaiting_response"
    await work.session.flush()
    response.state = "submitted"
    response.first_submitted_on = on
    response.first_submitted_at = datetime.fromisoformat(f"{on}T09:00:00Z")
    await work.session.flush()


@pytest.mark.long
def test_one_response_less_and_one_observation_more_move_no_figure_of_a_later_version(
    casework: Casework,
    board: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> None:
    moderating = Moderating(casework.service, board, new_ref, at)
    submitted_on = iter([IN_TWO] * 7 + [IN_FOUR] * 8)
    audits: list[str] = []
    for team in TEAMS:
        audits = moderating.audits(*["2022-07-20T09:00:00Z"] * 5, team=team, worker=f"sw1-{team}")

        async def respond(work: Work, made: list[str] = audits) -> None:
            for audit in made:
                await responded(work, audit, next(submitted_on))

        casework.service.work(respond)
    at("2022-10-04T09:00:00Z")
    first = figures(board)
    assert figure(first, "response_time")["value"] == 4
    assert first["observations"]["workers"]
    assert first["observations"]["with_one"] == 0

    moderating.restrict(audits[-1])

    async def observe(work: Work) -> None:
        work.session.add(
            PracticeObservation(
                id=new_id(),
                worker=f"sw1-{TEAMS[0]}",
                observer="ps-lincoln-fast",
                team=TEAMS[0],
                observed_on=date(2022, 9, 1),
                activity="A visit.",
                planned=True,
                family_consent="given",
                strengths="Listens.",
                development="Plans ahead.",
                recorded_at=work.now,
                recorded_by="qs-1",
            )
        )

    casework.service.work(observe)
    at("2022-10-05T09:00:00Z")
    now = metrics(board, "qs-1", QUARTER)
    assert figure(now, "response_time")["value"] == 3, "one less of fifteen moves the median"
    assert now["observations"]["with_one"] == 1
    second = figures(board)
    assert {RESPONSES, OBSERVATIONS} <= standing(second).keys()
    assert figure(second, "response_time")["value"] == 4
    assert second["observations"] == first["observations"]


@pytest.mark.long
def test_what_a_raised_minimum_withholds_of_what_was_told_before_is_said_in_words(
    casework: Casework,
    board: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
) -> None:
    quarter = "2088-89 Q1"
    moderating = Moderating(casework.service, board, new_ref, at)
    for team in TEAMS:
        moderating.audits(*["2088-05-16T09:00:00Z"] * 6, team=team, worker=f"sw1-{team}")

    def version() -> tuple[Json, str]:
        path = presented(board, quarter=quarter)
        found: Json = board.as_("qs-1").get(path).json()["snapshot"]
        return found, board.get(path, headers={"accept": "text/html"}).text

    at("2088-07-04T09:00:00Z")
    first, page = version()
    assert judgements(first["figures"])["good"] == 18
    assert first["withheld_since"] is None
    assert "told figures that are withheld now" not in page

    admin = board.as_("admin-1")
    assert decide(admin, "2088-07-05", small_cell_minimum=12).status_code == 201
    lowered = proposed(admin, "2088-07-07", small_cell_minimum=5)
    assert board.as_("qs-1").act(f"{lowered}/confirm").status_code == 200
    for day in ("05", "06"):
        at(f"2088-07-{day}T09:00:00Z")
        withheld, page = version()
        assert judgements(withheld["figures"])["good"] is None
        said = withheld["withheld_since"]
        assert said == (
            "Version 1 told figures that are withheld now: the policy's minimum was 5 then, and is"
            " 12 now."
        )
        assert said.replace("'", "&#x27;") in page
    at("2088-07-07T09:00:00Z")
    assert version()[0]["withheld_since"] is None
