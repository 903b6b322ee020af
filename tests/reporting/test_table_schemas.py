"""The table schema of each dataset holds for the CSV that is sent, by an outsider's validator."""

from pathlib import Path

import pytest
from frictionless import Dialect, Resource, Schema
from frictionless.formats import CsvControl

from qa_api.reporting.datasets import DATASETS
from tests.api import Api, Json
from tests.reporting.copies import REPORTER, download, pull, set_restriction
from tests.responses.casework import Casework


def schema_of(api: Api, dataset: str) -> Json:
    answer = api.get(f"/v1/reporting/datasets/{dataset}/schema")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def faults(schema: Json, text: str, place: Path, separator: str = ",") -> list[str]:
    """What Frictionless finds wrong with a file."""
    (place / "rows.csv").write_bytes(text.encode())
    with Resource(
        path="rows.csv",
        basepath=str(place),
        schema=Schema.from_descriptor(schema),
        dialect=Dialect(controls=[CsvControl(delimiter=separator)]),
        encoding="utf-8",
    ) as resource:
        report = resource.validate()
    return [f"{error.type}: {error.message}" for task in report.tasks for error in task.errors]


@pytest.mark.parametrize("dataset", sorted(DATASETS))
def test_the_schema_validates_the_table(casework: Casework, dataset: str, tmp_path: Path) -> None:
    casework.completed_audit()
    reporter = casework.api.as_(REPORTER)
    some = {"from_": "2027-01-01"} if dataset == "calendar-days" else {}
    schema = schema_of(reporter, dataset)
    table = download(reporter, dataset, "csv", **some).text
    assert [field["name"] for field in schema["fields"]] == table.partition("\r\n")[0].split(",")
    assert faults(schema, table, tmp_path) == []


@pytest.mark.long
def test_the_schema_validates_changes_and_both_forms_for_excel(
    casework: Casework, tmp_path: Path
) -> None:
    gone, stays = casework.completed_audit(), casework.completed_audit()
    reporter = casework.api.as_(REPORTER)
    _, token = pull(reporter, "audits", limit=5_000)
    set_restriction(casework, gone, "staff")
    schema = schema_of(reporter, "audits")
    changes = download(reporter, "audits", "csv", changed_since=token).text
    assert f"{gone.audit_id},," in changes
    assert faults(schema, changes, tmp_path) == []
    for form, separator in (("excel", ";"), ("excel_comma", ",")):
        text = download(reporter, "audits", form).content.decode("utf-8-sig")
        assert str(stays.audit_id) in text
        assert faults(schema, text, tmp_path, separator) == []


@pytest.mark.long
def test_a_table_that_is_not_as_the_schema_says_is_found_out(
    casework: Casework, tmp_path: Path
) -> None:
    casework.completed_audit()
    reporter = casework.api.as_(REPORTER)
    schema = schema_of(reporter, "audits")
    header, first, *_ = download(reporter, "audits", "csv").text.split("\r\n")
    assert faults(schema, f"{header}\r\n{first}\r\n", tmp_path) == []
    wrong = {
        "type-error": f"{header}\r\n{first.replace(',false', ',no')}\r\n",
        "primary-key": f"{header}\r\n{first}\r\n{first}\r\n",
        "incorrect-label": f"{header.replace('team', 'group', 1)}\r\n{first}\r\n",
        "constraint-error": f"{header}\r\n,{first.partition(',')[2]}\r\n",
    }
    for kind, text in wrong.items():
        assert any(kind in fault for fault in faults(schema, text, tmp_path)), kind


def test_a_schema_of_no_dataset_is_not_there(api: Api) -> None:
    reporter = api.as_(REPORTER)
    assert reporter.get("/v1/reporting/datasets/children/schema").status_code == 404
    assert api.as_("au-1").get("/v1/reporting/datasets/audits/schema").status_code == 403
