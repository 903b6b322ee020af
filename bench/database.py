"""The database that is measured: durable, migrated, the demo authority with many audits in it."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from qa_api import db, migrate
from qa_api.auth.development import DevelopmentIssuer
from qa_api.demo.authority import load_demo_authority
from qa_api.embedded import EmbeddedPostgres, running
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.work import Workshop

GENERATE = Path(__file__).with_name("audits.sql")


@dataclass(frozen=True)
class Authority:
    """A served authority: its database, its settings, who signs its tokens."""

    server: EmbeddedPostgres
    settings: Settings
    issuer: DevelopmentIssuer

    @property
    def owner_url(self) -> str:
        """The address of the tables' owner, whom no policy holds."""
        return self.server.urls().migrate_url


@contextmanager
def authority(data: Path, audits: int, generate: Path = GENERATE) -> Iterator[Authority]:
    """Start the database in `data` and fill it, unless an earlier run has filled it so."""
    with running(data / "postgres") as server:
        urls = server.urls()
        issuer = DevelopmentIssuer.open(data / "keys")
        settings = Settings(
            environment="development",
            database_url=SecretStr(urls.database_url),
            read_url=SecretStr(urls.read_url),
            token_issuers=(issuer.settings,),
            cursor_secret=SecretStr("a secret of the benchmark, no one else's"),
            data_dir=data,
        )
        marker = data / f"filled-{audits}"
        if not marker.exists():
            migrate.upgrade(urls.migrate_url)
            asyncio.run(_load(settings, issuer.settings.issuer))
            started = time.perf_counter()
            asyncio.run(_generate(urls.superuser_url, generate, audits))
            print(f"{audits:,} audits generated in {time.perf_counter() - started:.0f} s")
            marker.touch()
        yield Authority(server, settings, issuer)


async def _load(settings: Settings, issuer: str) -> None:
    database = await db.Database.open(settings)
    try:
        await load_demo_authority(Workshop(database, Rulebook(), REACTIONS), issuer=issuer)
    finally:
        await database.close()


async def _generate(superuser_url: str, generate: Path, audits: int) -> None:
    """Written as the owner, with foreign keys unchecked: only a superuser may ask for that."""
    connection = await asyncpg.connect(superuser_url)
    script = generate.read_text()  # noqa: ASYNC240 - nothing else runs meanwhile
    try:
        await connection.execute("SET work_mem = '256MB'")
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute("SET LOCAL ROLE qa_owner")
            await connection.fetchval("SELECT set_config('bench.audits', $1, true)", str(audits))
            await connection.execute(script)
        await connection.execute("VACUUM (ANALYZE)")
        started = time.perf_counter()
        await connection.execute("SELECT rebuild_rollups()")
        print(f"figures of {audits:,} audits counted in {time.perf_counter() - started:.0f} s")
        await connection.execute("VACUUM (ANALYZE) rollup_rows, rollups")
    finally:
        await connection.close()
