"""The dictionary, the contract and the rows that are sent are one and the same."""

import pytest

from qa_api.reporting.datasets import DATASETS
from tests.api import Api, contract
from tests.reporting.copies import REPORTER, ndjson, pull, table
from tests.responses.casework import Casework

EVERY = pytest.mark.parametrize("dataset", sorted(DATASETS))


def columns(api: Api, dataset: str) -> list[str]:
    """The columns of a dataset as the dictionary has them."""
    answer = api.as_(REPORTER).get("/v1/reporting/datasets").json()
    (described,) = (one for one in answer["datasets"] if one["name"] == dataset)
    return [column["name"] for column in described["columns"]]


@EVERY
def test_the_contract_declares_the_columns_of_the_dictionary(api: Api, dataset: str) -> None:
    schemas = contract()["components"]["schemas"]
    name = "".join(word.title() for word in dataset.split("-"))
    assert list(schemas[f"{name}DatasetRow"]["properties"]) == columns(api, dataset)
    assert schemas[f"{name}DatasetPage"]["properties"]["dataset"]["const"] == dataset


@EVERY
def test_the_rows_sent_have_the_columns_of_the_dictionary(
    api: Api, casework: Casework, dataset: str
) -> None:
    casework.completed_audit()
    reporter, names = api.as_(REPORTER), columns(api, dataset)
    some = {"from": "2026-01-01"} if dataset == "calendar-days" else {}
    paged, _ = pull(reporter, dataset, limit=5_000, **some)
    lines, _ = ndjson(reporter, dataset, **some)
    header, *records = table(reporter, dataset, **some)
    assert header == names
    assert all(list(row) == names for row in [*paged, *lines])
    assert all(len(record) == len(names) for record in records)
    assert len(paged) == len(lines) == len(records)
