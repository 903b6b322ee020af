"""Asking as each person of the authority, with what row-level security shows them."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy import select

from qa_api.auth.roles import Permission
from qa_api.models.access import Principal
from qa_api.problems import Problem
from qa_api.work import Work, Workshop


async def as_each_account(workshop: Workshop, ask: Callable[[Work], Awaitable[None]]) -> int:
    """Ask as everybody who is let in today, one after the other; how many accounts there are."""
    async with workshop.open_as_service("check") as work:
        people = select(Principal.issuer, Principal.subject).where(Principal.worker.is_not(None))
        accounts = [(issuer, subject) for issuer, subject in await work.session.execute(people)]
    for issuer, subject in accounts:
        # Somebody who is let in no more has no list, and is shown nothing.
        with suppress(Problem):
            async with workshop.open(
                issuer=issuer,
                subject=subject,
                permission=Permission.SELF_READ,
                correlation_id="check",
                planned_once=True,  # the same long statement for everybody
            ) as work:
                await ask(work)
    return len(accounts)
