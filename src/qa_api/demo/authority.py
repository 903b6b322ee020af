"""Loading an authority that ships with the service, in well under a second.

It is loaded whole or not at all, and once: a second load leaves what people have changed since as
it is, and only lets in the same people under another token issuer.
"""

from functools import cache

from sqlalchemy import select

from qa_api.adoption.folder import Folder, read_folder
from qa_api.adoption.service import adopt_authority, take_turn
from qa_api.data import DEFAULT_AUTHORITY, shipped_authorities
from qa_api.directory.bulk_writing import let_in
from qa_api.models.access import Principal
from qa_api.models.subjects import CaseSystem
from qa_api.work import Work, Workshop


class AnotherAuthority(Exception):
    """The database is an authority already, and not this one."""


@cache
def demo_authority(code: str = DEFAULT_AUTHORITY) -> Folder:
    """What the folder of a shipped authority says. Raises KeyError where there is none."""
    return read_folder(shipped_authorities()[code])


async def load_demo_authority(
    workshop: Workshop, *, issuer: str, code: str = DEFAULT_AUTHORITY
) -> None:
    """Make a shipped authority, and let its people in with tokens of `issuer`.

    Safe to repeat and to run twice at once. Raises `AnotherAuthority` rather than mix two.
    """
    folder = demo_authority(code).issued_by(issuer)
    async with workshop.open_as_service("demo-authority") as work:
        await take_turn(work)
        held = set(await work.session.scalars(select(CaseSystem.code)))
        if not held and not work.policy_version:
            await adopt_authority(work, folder, _say_nothing)
        elif set(folder.directory.case_systems) <= held:
            await _let_in(work, folder, issuer)
        else:
            raise AnotherAuthority(f"the database holds another authority than {code}")


def _say_nothing(_part: str, _size: int) -> None:
    pass


async def _let_in(work: Work, folder: Folder, issuer: str) -> None:
    """The people and clients that this issuer does not know yet."""
    known = set(
        await work.session.scalars(select(Principal.subject).where(Principal.issuer == issuer))
    )
    people = folder.directory.principals
    await let_in(work, [(issuer, person) for person in people if person.subject not in known])
