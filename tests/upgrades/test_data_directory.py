"""A data directory that an older release leaves behind is brought up to date and served."""

import asyncio

import asyncpg
import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.embedded import Urls, running
from tests.api import Api, Server, contract
from tests.conftest import Database
from tests.kills.machines import machine_in
from tests.kills.test_kills import the_command_finds_nothing
from tests.scratch import scratch_directory
from tests.upgrades.revisions import migrate_to, revisions
from tests.upgrades.rows import Copied, columns_of, copy_back, fill

AUDITS = 40


@pytest.mark.long
def test_a_data_directory_of_the_first_release_is_brought_up_to_date_and_served(
    newest: Database,
) -> None:
    (first, _), *_ = revisions(1_000)
    with scratch_directory() as data:
        with running(data, fsync=False) as server:
            migrate_to(server.urls().migrate_url, first)
            asyncio.run(lived_in(newest, server.urls()))
        with machine_in(data) as machine:
            issuer = DevelopmentIssuer.open(data / "keys")
            with Api(Server(machine.url, contract()), issuer) as api:
                purpose = {"x-purpose": "data_quality"}
                listed = api.get("/v1/audits?limit=500", headers=purpose).json()["items"]
                assert len(listed) >= AUDITS
                plan = {"type": "collaborative", "team": "lincoln-fast"}
                assert api.create("/v1/audits", plan).status_code == 201
            the_command_finds_nothing("figures", machine.urls)


async def lived_in(newest: Database, urls: Urls) -> None:
    """The authority, and some audits of it."""
    new, old = await asyncio.gather(*map(asyncpg.connect, (newest.migrate_url, urls.superuser_url)))
    try:
        await copy_back(new, old, sorted(await columns_of(old)), Copied())
        await fill(old, AUDITS)
    finally:
        await asyncio.gather(new.close(), old.close())
