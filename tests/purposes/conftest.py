"""An authority of its own, whose policy asks for purposes from 24 November 2026 on."""

from collections.abc import Callable, Iterator

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.api import Api, Json, Server, give_right, serving
from tests.conftest import Accounts, Clone, Database, settings_for

OFF, ON, STANDING = "2026-11-23T09:30:00Z", "2026-11-24T09:30:00Z", "2026-11-25T09:30:00Z"
"""When the policy asks for none; when it does; and when systems have a standing purpose."""


@pytest.fixture(scope="package")
def database(clone_of_authority: Clone) -> Database:
    """The database of that authority, in the place of the one that others share."""
    return clone_of_authority()


@pytest.fixture(scope="package")
def authority(database: Database, issuer: DevelopmentIssuer) -> Settings:
    """How it is reached."""
    return settings_for(database, issuer)


@pytest.fixture(scope="package")
def server(authority: Settings) -> Iterator[Server]:
    with serving(authority) as running:
        yield running


@pytest.fixture
def api(server: Server, issuer: DevelopmentIssuer, at: Callable[[str], None]) -> Iterator[Api]:
    """A client, on the day before the policy asks for a purpose."""
    at(OFF)
    with Api(server, issuer) as client:
        if len(client.get("/v1/policies").json()["items"]) == 1:
            decided(client, "2026-11-24", {"purpose_required": True})
            accounts = {person: account(client, person) for person in ("reporting-1", "qs-2")}
            standing = [{"account": id_, "purpose": "data_quality"} for id_ in accounts.values()]
            decided(client, "2026-11-25", {"purposes_standing": standing})
        yield client


@pytest.fixture
def accounts(
    authority: Settings, database: Database, issuer: DevelopmentIssuer
) -> Iterator[Accounts]:
    """Lets people in a second time for a test."""
    given = Accounts(database.migrate_url, issuer.settings.issuer)
    yield given
    given.disable()


def decided(api: Api, day: str, changes: Json) -> None:
    """A version of the policy from a day on, that two people decide on."""
    asked = [{"key": key, "value": value} for key, value in changes.items()]
    give_right(api, policy={"effective_from": day, "changes": asked})


def account(api: Api, person: str) -> str:
    """The id of somebody's account."""
    found = api.as_("admin-1").get("/v1/principals?limit=500").json()["items"]
    return str(next(each["id"] for each in found if each["subject"] == person))
