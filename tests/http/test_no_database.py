"""The API starts without a database and says so, and nobody gets more than a 503."""

import httpx
import pytest

from qa_api.auth.development import DevelopmentIssuer
from tests.api import serving
from tests.conftest import Database, settings_for


@pytest.mark.long
def test_without_a_database_every_answer_is_a_problem_to_retry(issuer: DevelopmentIssuer) -> None:
    nowhere = "postgresql://qa_app@/qa?host=/nonexistent-socket-directory"
    gone = Database("qa", nowhere, nowhere.replace("qa_app", "qa_read"), nowhere)
    with (
        serving(settings_for(gone, issuer)) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        headers = {"authorization": f"Bearer {issuer.issue('qs-1')}"}
        assert client.get("/healthz").status_code == 200
        answers = [
            client.get("/readyz"),
            client.get("/v1/audits", headers=headers),
            client.post(
                "/v1/audits",
                headers=headers | {"idempotency-key": "without-a-database"},
                json={"type": "collaborative"},
            ),
        ]
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
