"""Copies of datasets as a reporting tool keeps them: pulled once, then followed by changes."""

import csv
from dataclasses import dataclass, field
from io import StringIO

import httpx
import orjson

from qa_api.models.subjects import Subject
from qa_api.reporting.datasets import DATASETS
from qa_api.reporting.forms import DatasetForm
from qa_api.subjects.service import restrict
from qa_api.values.table_cells import cell
from qa_api.work import Work
from tests.api import Api, Json
from tests.responses.casework import Case, Casework

REPORTER = "reporting-1"


def pull(api: Api, dataset: str, **query: object) -> tuple[list[Json], str]:
    """Every row of a pull by pages in the order sent, and the token at its end."""
    rows: list[Json] = []
    cursor: str | None = None
    while True:
        asked = {name.rstrip("_"): value for name, value in query.items()}
        page = answered(api, dataset, **asked, **({"cursor": cursor} if cursor else {}))
        rows += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows, page["changes_token"]
        assert page["changes_token"] is None


def answered(api: Api, dataset: str, **query: object) -> Json:
    """One page."""
    answer = api.get(f"/v1/reporting/{dataset}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def download(api: Api, dataset: str, form: str, **query: object) -> httpx.Response:
    """A file of a dataset, by the name of its form."""
    asked = {name.rstrip("_"): value for name, value in query.items()}
    answer = api.get(f"/v1/reporting/{dataset}", params={**asked, "format": form})
    assert answer.status_code == 200, answer.text
    return answer


def kept(api: Api, answer: httpx.Response) -> Json:
    """What stands of a download."""
    found = api.get(answer.headers["download-location"])
    assert found.status_code == 200, found.text
    return dict(found.json())


def ndjson(api: Api, dataset: str, **query: object) -> tuple[list[Json], str]:
    """The rows of a download, and its token."""
    answer = download(api, dataset, "ndjson", **query)
    rows = [orjson.loads(line) for line in answer.text.splitlines()]
    return rows, answer.headers["changes-token"]


def table(api: Api, dataset: str, **query: object) -> list[list[str]]:
    """The lines of a CSV download."""
    return list(csv.reader(StringIO(download(api, dataset, "csv", **query).text, newline="")))


def row_by_row(dataset: str, form: str, rows: list[Json]) -> bytes:
    """The file that these rows are, each written by itself."""
    if form == "ndjson":
        return b"".join(orjson.dumps(row) + b"\n" for row in rows)
    names = [column.name for column in DATASETS[dataset].columns]
    lines = [names, *([cell(row[name]) for name in names] for row in rows)]
    of_form = DatasetForm(form)
    return (of_form.mark + of_form.table(lines)).encode()


@dataclass
class Copy:
    """A reporting tool's copy of one dataset."""

    api: Api
    dataset: str
    query: Json = field(default_factory=dict)
    rows: dict[str, Json] = field(default_factory=dict)
    token: str = ""

    def begin(self, *, limit: int = 1_000) -> "Copy":
        """Pull it in full."""
        sent, self.token = pull(self.api, self.dataset, limit=limit, **self.query)
        self.apply(sent)
        return self

    def follow(self, *, limit: int = 1_000) -> list[Json]:
        """Pull what changed since; says what was sent."""
        asked = {"changed_since": self.token, "limit": limit, **self.query}
        sent, self.token = pull(self.api, self.dataset, **asked)
        self.apply(sent)
        return sent

    def apply(self, sent: list[Json]) -> None:
        """What a reporting tool does with rows: the key decides."""
        for row in sent:
            if row["is_deleted"]:
                self.rows.pop(row["id"], None)
            else:
                self.rows[row["id"]] = row

    def as_pulled_anew(self) -> dict[str, Json]:
        """What the copy should be."""
        rows, _ = pull(self.api, self.dataset, limit=5_000, **self.query)
        return {row["id"]: row for row in rows if not row["is_deleted"]}


def set_restriction(casework: Casework, case: Case, kind: str | None) -> None:
    """Restrict a child's record, or release it."""

    async def act(work: Work) -> None:
        await restrict(work, await work.session.get_one(Subject, case.subject_id), kind)

    casework.as_service(act)
