"""Loading an authority that ships with the service, in well under a second.

It is loaded whole or not at all, and once: a second load leaves what people have changed since as
it is, and only lets in the same people under another token issuer.
"""

from functools import cache
from typing import Final

from sqlalchemy import select

from qa_api.adoption.folder import Folder, read_folder
from qa_api.adoption.service import adopt_authority, take_turn
from qa_api.auth.roles import Role
from qa_api.data import shipped_authorities
from qa_api.directory.writing import let_in
from qa_api.models.access import Principal
from qa_api.models.subjects import CaseSystem
from qa_api.work import Work, Workshop

DEFAULT: Final = "county"


class AnotherAuthority(Exception):
    """The database is an authority already, and not this one."""


@cache
def demo_authority(code: str = DEFAULT) -> Folder:
    """What the folder of a shipped authority says. Raises KeyError where there is none."""
    return read_folder(shipped_authorities()[code])


def demo_principals(code: str = DEFAULT) -> dict[Role, str]:
    """Whom the development issuer signs for when somebody asks for a token of a role.

    It is the first in the authority's directory who holds the role.
    """
    found: dict[Role, str] = {}
    for person in demo_authority(code).directory.principals:
        for held in person.roles:
            found.setdefault(held.role, person.subject)
    return found


async def load_demo_authority(workshop: Workshop, *, issuer: str, code: str = DEFAULT) -> None:
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
