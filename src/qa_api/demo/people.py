"""Who works in the demo authority: codes that say what somebody does, and no names.

`tm-lincoln-fast` manages Lincoln FAST, `dm-` deputises, `ps-` supervises, `sw1-` and `sw2-` are its
social workers; `hos-fast` heads the FAST service. The teams and their groups are the procedure's
(§4.4); the services and localities follow from the teams' names.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Final

from qa_api.auth.roles import Role

SINCE: Final = date(2012, 1, 1)
"""Everything of the demo authority has held since the first day its calendar knows."""

SYSTEM: Final = "mosaic"
SOURCE: Final = "urn:mosaic"

SERVICES: Final[Mapping[str, str]] = {
    "fast": "Family Assessment and Support",
    "early-help": "Early Help",
    "corporate-parenting": "Corporate Parenting and Regulated Services",
}

_PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "lincoln-fast": ("fast", "Lincoln"),
    "south-kesteven-fast": ("fast", "South Kesteven"),
    "east-lindsey-north-fast": ("fast", "East Lindsey"),
    "west-lindsey-fast": ("fast", "West Lindsey"),
    "south-holland-fast": ("fast", "South Holland"),
    "east-lindsey-south-fast": ("fast", "East Lindsey"),
    "north-kesteven-fast": ("fast", "North Kesteven"),
    "boston-fast": ("fast", "Boston"),
    "nk-and-sk-early-help": ("early-help", "North and South Kesteven"),
    "b-and-sh-early-help": ("early-help", "Boston and South Holland"),
    "east-lindsey-nands-early-help": ("early-help", "East Lindsey"),
    "lincoln-and-wl-early-help": ("early-help", "Lincoln and West Lindsey"),
    "f4me-north": ("early-help", "North"),
    "f4me-south": ("early-help", "South"),
    "lac-north": ("corporate-parenting", "North"),
    "lac-south": ("corporate-parenting", "South"),
    "adoption": ("corporate-parenting", "County"),
    "fostering-north": ("corporate-parenting", "North"),
    "fostering-south": ("corporate-parenting", "South"),
    "contact-fgc": ("corporate-parenting", "County"),
    "cwd": ("corporate-parenting", "County"),
}


@dataclass(frozen=True, slots=True)
class Team:
    """A team as the demo authority has it."""

    code: str
    name: str
    group: str

    @property
    def service(self) -> str:
        """The code of its service."""
        return _PLACES[self.code][0]

    @property
    def locality(self) -> str:
        """The part of the county it works in."""
        return _PLACES[self.code][1]


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds, and over what."""

    role: Role
    service: str | None = None
    team: str | None = None

    @property
    def scope(self) -> str:
        """`service` or `team` where one is named, else the whole `authority`."""
        return "team" if self.team else "service" if self.service else "authority"


@dataclass(frozen=True, slots=True)
class Person:
    """A worker: where they belong, who supervises them, which roles they hold."""

    code: str
    roles: tuple[Held, ...]
    team: str | None = None
    supervisor: str | None = None


def teams() -> tuple[Team, ...]:
    """The procedure's 21 teams in their three groups (§4.4)."""
    text = files(__package__).joinpath("data/teams.json").read_text(encoding="utf-8")
    document: Any = json.loads(text)
    return tuple(
        Team(team["code"], team["name"], group["code"])
        for group in document["groups"]
        for team in group["teams"]
    )


def people() -> tuple[Person, ...]:
    """Everybody, those in charge first."""
    return (*_authority_wide(), *(person for team in teams() for person in _of(team)))


def _of(team: Team) -> Iterator[Person]:
    head, manager, supervisor = f"hos-{team.service}", f"tm-{team.code}", f"ps-{team.code}"
    manages = Held(Role.TEAM_MANAGER, team=team.code)
    supervises = Held(Role.PRACTICE_SUPERVISOR, team=team.code)
    audits = Held(Role.AUDITOR)
    yield Person(manager, (manages, audits), team.code, head)
    yield Person(f"dm-{team.code}", (manages,), team.code, manager)
    yield Person(supervisor, (supervises, audits), team.code, manager)
    for number in (1, 2):
        yield Person(f"sw{number}-{team.code}", (Held(Role.WORKER),), team.code, supervisor)


def _authority_wide() -> Iterator[Person]:
    for service in SERVICES:
        yield Person(f"hos-{service}", (Held(Role.HEAD_OF_SERVICE, service=service),))
    for code, role in (
        ("au-1", Role.AUDITOR),
        ("au-2", Role.AUDITOR),
        ("qs-1", Role.QUALITY_STANDARDS),
        ("qs-2", Role.QUALITY_STANDARDS),
        ("slt-1", Role.SENIOR_LEADER),
        ("admin-1", Role.ADMINISTRATOR),
        ("ld-1", Role.LEARNING_DEVELOPMENT),
        ("pa-1", Role.PRACTICE_ADVISOR),
    ):
        yield Person(code, (Held(role),))


CLIENTS: Final[Mapping[str, Role]] = {
    "case-system-mosaic": Role.CASE_SYSTEM,
    "reporting-1": Role.REPORTING,
}
"""The client systems that call the API, each with its role."""

DEMO_PRINCIPALS: Final[Mapping[Role, str]] = {
    Role.AUDITOR: "au-1",
    Role.WORKER: "sw1-lincoln-fast",
    Role.PRACTICE_SUPERVISOR: "ps-lincoln-fast",
    Role.TEAM_MANAGER: "tm-lincoln-fast",
    Role.HEAD_OF_SERVICE: "hos-fast",
    Role.QUALITY_STANDARDS: "qs-1",
    Role.SENIOR_LEADER: "slt-1",
    Role.CASE_SYSTEM: "case-system-mosaic",
    Role.REPORTING: "reporting-1",
    Role.ADMINISTRATOR: "admin-1",
    Role.LEARNING_DEVELOPMENT: "ld-1",
    Role.PRACTICE_ADVISOR: "pa-1",
}
"""Whom the development issuer signs for when somebody asks for a token of a role."""
