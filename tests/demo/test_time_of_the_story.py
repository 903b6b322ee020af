"""The story's hours pass at once: what needs a moment of the worker's is done before they do."""

from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path

import httpx
import pytest

from qa_api import clock
from qa_api.auth.development import DevelopmentIssuer
from qa_api.demo.receiver import Receiver
from qa_api.demo.story import Story
from qa_api.demo.telling import Teller
from qa_api.notifications.service import OVERDUE, alert_queued_past_policy
from tests.api import Api, serving
from tests.conftest import Clone, settings_for
from tests.responses.casework import Case, Casework, Service

EVENING = datetime.fromisoformat("2026-11-23T21:30:00Z")
NIGHT = datetime.fromisoformat("2026-11-24T01:30:00Z")


class TakenAfterALook(httpx.HTTPTransport):
    """The case system takes a notification just after somebody has looked for what is queued."""

    def __init__(self, casework: Casework, case: Case) -> None:
        super().__init__()
        self._casework, self._case = casework, case
        self.looks = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path == "/v1/notifications":
            response.read()
            if self.looks == 0:
                self._casework.deliver(self._case)
            self.looks += 1
        return response


@pytest.fixture
def casework(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Iterator[Casework]:
    """Of an authority in which nothing else is queued; on a Monday, late in the evening."""
    settings = settings_for(clone_of_authority(), issuer)
    refs = (f"C-of-the-story-{number}" for number in range(9))
    clock.freeze(EVENING)
    try:
        with (
            Service.over(settings) as service,
            serving(settings) as server,
            Api(server, issuer) as api,
        ):
            yield Casework(service, api, lambda: next(refs))
    finally:
        clock.reset()


@pytest.mark.long
def test_no_hour_passes_while_a_worker_is_still_to_be_told(
    casework: Casework, tmp_path: Path
) -> None:
    case = casework.completed_audit()
    (queued,) = case.read("/v1/notifications?state=queued")["items"]
    assert queued["queued_until"] < NIGHT.isoformat(), "the hours that pass end its day"
    transport, api = TakenAfterALook(casework, case), casework.api
    with (
        Receiver() as receiver,
        httpx.Client(base_url=api.server.url, transport=transport) as http,
    ):
        story = Story(
            *(Teller(StringIO()), receiver, http, api.issuer.issue, clock.freeze, tmp_path),
            present=NIGHT,
            meanwhile=lambda: None,
        )
        story.wait(hours=4)
    assert clock.now() == NIGHT
    casework.as_service(alert_queued_past_policy)  # as the worker does each second of the story
    assert casework.events(queued["id"], "notification.overdue") == []
    assert casework.alerts(queued["id"], OVERDUE) == []
    assert datetime.fromisoformat(case.read(case.notification)["notified_at"]) == EVENING
    assert transport.looks == 2, "once in vain, and once more"


@pytest.mark.long
def test_where_they_pass_all_the_same_it_is_told_as_late_and_delivered_once(
    casework: Casework,
) -> None:
    """Nothing is lost and nothing doubled then: that is what policy asks of a real evening too."""
    case = casework.completed_audit()
    clock.freeze(NIGHT)
    for _ in range(2):
        casework.as_service(alert_queued_past_policy)
    for _ in range(2):  # whoever sent it and died before it was written down sends it again
        casework.deliver(case)
    about = case.notification.rpartition("/")[2]
    assert len(casework.events(about, "notification.overdue")) == 1
    assert len(casework.events(about, "notification.delivered")) == 1
    notified = case.read(case.notification)
    assert (notified["state"], notified["overdue"]) == ("delivered", False)
    assert datetime.fromisoformat(notified["notified_at"]) == NIGHT
    assert case.read(case.response)["due_on"] == "2026-12-01", "five working days from the 24th"
