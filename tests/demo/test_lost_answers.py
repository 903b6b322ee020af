"""The story goes on where an answer was lost on the way, as a client's work does."""

from io import StringIO
from pathlib import Path
from typing import Final

import httpx

from qa_api import clock
from qa_api.demo.receiver import Receiver
from qa_api.demo.scenes import CHAPTERS
from qa_api.demo.story import Story
from qa_api.demo.telling import Teller
from tests.api import Api

ENDPOINTS: Final = "/v1/webhook-endpoints"


class LosesAnswers(httpx.HTTPTransport):
    """Loses the first answer to a registration and to a rotation, as a proxy does."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        asked = request.url.path.rpartition("/")[2]
        if asked in {"webhook-endpoints", "rotate-secret"} - self.lost:
            self.lost.add(asked)
            response.close()
            return httpx.Response(503, headers={"retry-after": "0"})
        return response


def test_a_receiver_whose_secret_was_lost_with_its_answer_gets_another(
    api: Api, tmp_path: Path
) -> None:
    transport = LosesAnswers()
    with Receiver() as receiver, httpx.Client(base_url=api.server.url, transport=transport) as http:
        story = Story(
            *(Teller(StringIO()), receiver, http, api.issuer.issue, clock.set_to, tmp_path),
            present=clock.now(),
            meanwhile=lambda: None,
        )
        _, somebody_listens = CHAPTERS[0].scenes[0]
        somebody_listens(story)
        assert transport.lost == {"webhook-endpoints", "rotate-secret"}
        assert receiver.secret is not None
        assert receiver.secret.startswith("whsec_")
        found = api.as_("admin-1").get(f"{ENDPOINTS}?limit=500").json()["items"]
        assert [one["id"] for one in found if one["url"] == receiver.url] == [
            story.made["endpoint"]
        ]
        story.caller("admin-1").act(f"{ENDPOINTS}/{story.made['endpoint']}/disable")
