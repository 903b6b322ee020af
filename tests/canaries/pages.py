"""The printed pages, and the marked names that everybody has on them."""

from collections.abc import Callable
from typing import Final
from uuid import uuid4

import httpx

from tests.canaries.heard import Answer
from tests.canaries.marking import NAME
from tests.canaries.routes import Known

CALL_EVERYBODY: Final = f"UPDATE worker_names SET name = '{NAME}.' || worker"
RECORD: Final = "/v1/subjects/{system}/{ref}/record"
REPORT: Final = "/v1/board-reports/{report_id}"


def printed_pages(
    http: httpx.Client, sign: Callable[[str], str], known: Known
) -> dict[str, Answer]:
    """Both pages as Quality & Standards print them, of a child and a report of the story."""
    headers = {"authorization": f"Bearer {sign('qs-1')}"}

    def act(path: str, body: object) -> httpx.Response:
        sent = headers | {"idempotency-key": uuid4().hex}
        if path != "/v1/board-reports":
            sent["if-match"] = http.get(path.rpartition("/")[0], headers=headers).headers["etag"]
        answer = http.post(path, json=body, headers=sent)
        assert answer.status_code < 300, answer.text
        return answer

    made = act("/v1/board-reports", {"quarter": "2025-26 Q1", "title": "A quarter of long ago"})
    report = made.headers["location"]
    act(f"{report}/present", None)
    act(f"{report}/decisions", {"decision": "Train all teams.", "owner": "hos-fast"})
    found = {}
    for template, path in ((RECORD, known.path(RECORD)), (REPORT, report)):
        answer = http.get(path, headers=headers | {"accept": "text/html"})
        found[template] = Answer(template, answer.status_code, answer.headers, answer.text)
    return found
