"""Guides that repeat what the code knows are held against it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from qa_api.case_events.nightly.tables import TABLES
from qa_api.settings import Settings
from tests.api import Json, contract

DOCS = Path(__file__).parent.parent / "docs"
OPERATORS = DOCS / "operators.md"
INTEGRATORS = DOCS / "integrators.md"


def settings_table() -> str:
    """The table of settings, as `docs/operators.md` must show it."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        if isinstance(default, bool):
            default = str(default).lower()
        if isinstance(default, list | tuple):
            default = ",".join(default)
        shown = "" if default in (None, "") else f"`{default}`"
        meaning = (field.description or "").replace("|", "or")
        rows.append(f"| `QA_{name.upper()}` | {shown} | {meaning} |")
    return "\n".join(rows) + "\n"


def test_the_operators_guide_lists_every_setting_as_it_is() -> None:
    assert settings_table() in OPERATORS.read_text()


def _data_of(schema: Json) -> str:
    """The fields of a message's `data`, those that may be absent in brackets."""
    data = schema["properties"]["data"]
    if "$ref" in data:
        data = contract()["components"]["schemas"][data["$ref"].rpartition("/")[2]]
    required = data["required"]
    return " ".join(f"`{one}`" if one in required else f"[`{one}`]" for one in data["properties"])


def events_in_table() -> str:
    """The case events that are understood, as the guide must show them."""
    document = contract()
    body = document["paths"]["/v1/case-events"]["post"]["requestBody"]["content"]
    rows = ["| type | says | `data` |", "|---|---|---|"]
    for one in body["application/cloudevents+json"]["schema"]["anyOf"]:
        schema = document["components"]["schemas"][one["$ref"].rpartition("/")[2]]
        said = schema["description"].partition("\n")[0]
        if name := schema["properties"]["type"].get("const"):
            assert schema["examples"], name
            rows.append(f"| `{name}` | {said} | {_data_of(schema)} |")
    return "\n".join(rows) + "\n"


def webhooks_table() -> str:
    """The messages that are sent, as the guide must show them."""
    document = contract()
    rows = ["| type | says | `data` |", "|---|---|---|"]
    for name, webhook in document["webhooks"].items():
        body = webhook["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][body.rpartition("/")[2]]
        assert schema["examples"], name
        rows.append(f"| `{name}` | {webhook['post']['summary']} | {_data_of(schema)} |")
    return "\n".join(rows) + "\n"


def nightly_tables_table() -> str:
    """The columns of a case system's nightly tables that are read, as the guide must show them."""
    rows = ["| table | column | becomes |", "|---|---|---|"]
    for table in TABLES:
        for number, column in enumerate(table.columns):
            named = "" if number else f"`{table.name}`"
            rows.append(f"| {named} | `{column.name}` | {column.becomes} |")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("table", [events_in_table, webhooks_table, nightly_tables_table])
def test_the_integrators_guide_shows_what_the_code_knows(table: Callable[[], str]) -> None:
    assert table() in INTEGRATORS.read_text()


def test_people_are_shown_addresses_that_there_are() -> None:
    """Each `GET /v1/...` of their guide, and each `.../part` of the one before it."""
    paths, before, seen = contract()["paths"], "", 0
    page = (DOCS / "people.md").read_text()
    for method, address in re.findall(r"`(?:(GET|POST) )?((?:/v1|\.\.\.)/[^`?]+)", page):
        path = address if address.startswith("/v1") else before.rpartition("/")[0] + address[3:]
        before = path
        found = [
            item
            for known, item in paths.items()
            if re.sub(r"\{[^}]+\}", "{}", known) == re.sub(r"\{[^}]+\}", "{}", path)
        ]
        assert found, path
        assert (method or "GET").lower() in found[0], path
        seen += 1
    assert seen >= 12


def test_decisions_are_numbered_without_gap_or_double() -> None:
    written = sorted((DOCS / "decisions").glob("*.md"))
    for number, decision in enumerate(written, start=1):
        assert decision.name.startswith(f"{number:04d}-"), decision.name
        assert decision.read_text().startswith(f"# {number}. "), decision.name
