"""A database of their own: what falls due there is these tests', and so is its policy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.api import Api, Json, Server, serving
from tests.conftest import Clone, settings_for
from tests.due_audits.fostering import TYPE, Fostering
from tests.responses.casework import Service, service

__all__ = ("fostering", "service")

TOOL = {
    "code": "household",
    "name": "A short look at a household",
    "scale": {"code": "four-point", "number": 1},
    "domains": [
        {
            "key": "care",
            "title": "Care",
            "guidance": "How they care.",
            "judged": False,
            "questions": [
                {
                    "key": "seen",
                    "text": "Were they seen?",
                    "answer_kind": "yes_no_partial_na",
                    "required": False,
                    "evidence_required": False,
                    "timescale_check": False,
                }
            ],
        }
    ],
}


@pytest.fixture(scope="session")
def authority(clone_of_authority: Clone, issuer: DevelopmentIssuer) -> Settings:
    """The demo authority in a database that no other test's households are in."""
    return settings_for(clone_of_authority(), issuer)


@pytest.fixture(scope="session")
def server(authority: Settings, issuer: DevelopmentIssuer) -> Iterator[Server]:
    """An API over it, whose carer audits have a tool."""
    with serving_with_a_tool(authority, issuer) as running:
        yield running


@contextmanager
def serving_with_a_tool(settings: Settings, issuer: DevelopmentIssuer) -> Iterator[Server]:
    """An API of which carer and peer audits can be carried out."""
    with serving(settings) as running, Api(running, issuer) as api:
        made = api.create("/v1/audit-tools", TOOL)
        assert made.status_code == 201, made.text
        published = api.act(f"/v1/audit-tools/{made.json()['id']}/publish")
        assert published.status_code == 200, published.text
        for code in (TYPE, "yos-peer"):
            change_type(api, code, tool_code="household", may_audit="any_auditor")
        change_type(api, TYPE, interval_months=None)
        yield running


def change_type(api: Api, code: str, **changed: object) -> None:
    """Say something else of an audit type."""
    path = f"/v1/audit-types/{code}"
    shown: Json = api.get(path).json()
    fixed = {"code", "version", "published_tool_id"}
    body = {name: value for name, value in shown.items() if name not in fixed} | changed
    answer = api.change("PUT", path, body)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def fostering(
    api: Api, service: Service, new_ref: Callable[[], str], at: Callable[[str], None]
) -> Fostering:
    """Fostering (North) on Monday 23 November 2026, at half past nine."""
    at("2026-11-23T09:30:00Z")
    return Fostering(api, service, new_ref)
