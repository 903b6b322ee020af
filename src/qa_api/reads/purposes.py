"""The purpose of a read outside one's own work, if the policy asks for one (X3).

A process knows beforehand whether the policy asks, so that otherwise a read stays one statement.
"""

from collections.abc import Mapping
from datetime import date
from time import monotonic
from typing import Any, Final, Self
from uuid import UUID

import orjson

from qa_api.db import Database
from qa_api.problems import InputError, validation
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import policy_from_values
from qa_api.rules.unchanging import Unchanging

HEADER: Final = "X-Purpose"
KEPT_SECONDS: Final = 5.0
"""For how long a process goes by what it knows of the policy: a change of today counts by then."""

_IN_FORCE: Final = (
    "SELECT version, effective_from, values FROM policy_versions WHERE effective_from <= $1"
    " ORDER BY effective_from DESC, version DESC LIMIT 1"
)


class Purposes(Unchanging):
    """The purposes that the policy in force has, and the accounts with one of their own."""

    codes: tuple[str, ...]
    standing: Mapping[str, str]
    """The purpose of each account of a system that has one, by the account's id."""

    @classmethod
    def of(cls, policy: Policy) -> Self | None:
        """Those of a policy; None where it asks for no purpose."""
        if not policy.purpose_required:
            return None
        standing = {each.account: each.purpose for each in policy.purposes_standing}
        return cls(policy.purposes, standing)

    def named(self, headers: Mapping[str, str]) -> str | None:
        """The purpose that a request names; one that there is not is refused (422)."""
        purpose = headers.get(HEADER)
        if purpose is not None and purpose not in self.codes:
            known = ", ".join(self.codes)
            raise validation(
                [
                    InputError.of(
                        HEADER,
                        "unknown-code",
                        f"There is no such purpose; the purposes are {known}.",
                    )
                ]
            )
        return purpose

    def values(self, headers: Mapping[str, str]) -> dict[str, Any]:
        """The parameters of a statement that asks for a purpose."""
        return {
            "purpose": self.named(headers),
            "standing": orjson.dumps(self.standing).decode(),
        }

    def of_account(self, account: UUID, worker: str | None) -> str | None:
        """The purpose of a system's own account, where the policy has one."""
        return self.standing.get(str(account)) if worker is None else None


class PurposesInForce:
    """What this process knows of the policy's purposes, of today and not for long."""

    def __init__(self) -> None:
        self._of: date | None = None
        self._until = 0.0
        self._found: Purposes | None = None

    async def on(self, today: date, database: Database) -> Purposes | None:
        """The purposes of the policy in force on a London day; None where it asks for none."""
        if today != self._of:
            return await self._ask(today, database)
        if monotonic() >= self._until:
            # Others meanwhile use what was known a moment ago, instead of asking as well.
            self._until = monotonic() + KEPT_SECONDS
            try:
                return await self._ask(today, database)
            except BaseException:
                self._until = 0.0
                raise
        return self._found

    async def _ask(self, today: date, database: Database) -> Purposes | None:
        patience = database.pool_wait_seconds
        async with database.plain_reads.acquire(timeout=patience) as connection:
            row = await connection.fetchrow(_IN_FORCE, today)
        found = None
        if row is not None:
            values = orjson.loads(row["values"])
            policy = policy_from_values(row["version"], row["effective_from"], values)
            found = Purposes.of(policy)
        self._of, self._until, self._found = today, monotonic() + KEPT_SECONDS, found
        return found
