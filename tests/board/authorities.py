"""An authority's audits of a quarter, by chance, and what becomes of them until the next report."""

from collections.abc import Mapping
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

from qa_api.models.base import new_id

MONTHS: Final = (7, 8, 9)
JUDGEMENTS: Final = ("outstanding", "good", "requires_improvement", "inadequate")
BAD: Final = JUDGEMENTS[-1]
THEMES: Final = ("plans", "voice")
SERVICES: Final[Mapping[str, str]] = {
    "boston-fast": "fast",
    "south-kesteven-fast": "fast",
    "west-lindsey-fast": "fast",
    "nk-and-sk-early-help": "early-help",
    "f4me-north": "early-help",
    "lac-south": "corporate-parenting",
    "lac-north": "corporate-parenting",
    "cwd": "disability",
    "contact-fgc": "disability",
}
"""The teams that hold these audits, and the services that they belong to."""
AUDITORS: Final[Mapping[str, str | None]] = {
    "au-1": None,
    "au-2": None,
    "tm-cwd": "cwd",
    "tm-contact-fgc": "contact-fgc",
    "tm-lincoln-fast": None,
    "tm-lac-north": "lac-north",
    "tm-boston-fast": "boston-fast",
}
"""Who carries them out, and the team whose audits they know besides."""


class Row(NamedTuple):
    """An audit that was completed in the quarter, as far as anything of it is counted."""

    team: str
    month: int
    judgement: str
    theme: str | None
    heard: bool
    """Whether the auditor spoke with the family."""
    after: str | None
    """The moderated judgement."""
    auditor: str

    @property
    def service(self) -> str:
        """The service that holds the case."""
        return SERVICES[self.team]


Rows = Mapping[UUID, Row]


class Authority(NamedTuple):
    """What a quarter's report is made of."""

    rows: Rows
    submitted: frozenset[str]
    """The services whose updates are with the Board."""
    urgent: int
    """Urgent findings in each of `urgent_in`."""
    urgent_in: tuple[str, ...]


# --- by chance ---


def nearly(chance: Random) -> float:
    """How often something is so: never, seldom, as often as not, nearly always, always."""
    return chance.choice((0, 0.04, 0.5, 0.96, 1))


def random_authority(chance: Random) -> Authority:
    """Teams of few or many audits; what holds of them holds of all, of none, or but for a few."""
    solid = chance.random() < 0.75
    sizes = (16, 24, 32) if solid else (0, 3, 10, 30)
    good = [chance.choice((0, 0, 1, 8)), 8, chance.choice((1, 6, 8)), chance.choice((0, 0, 1, 5))]
    months = [chance.choice((0, 1, 9, 9)), 9, chance.choice((0, 1, 9, 9))]
    moderated, heard, agreed = nearly(chance), nearly(chance), chance.choice((0.5, 0.9, 1))
    mostly, often = chance.choice([*AUDITORS]), chance.choice((0, 0, 0.4))
    lying_in = {
        code: (chance.choice((None, "plans", "voice")), nearly(chance))
        for code in SERVICES.values()
    }
    other_theme = chance.choice((None, None, "voice"))
    rows: dict[UUID, Row] = {}
    for team, service in SERVICES.items():
        theme, of_theme = lying_in[service]
        for _ in range(chance.choice(sizes)):
            (judgement,), (month,) = (
                chance.choices(JUDGEMENTS, good),
                chance.choices(MONTHS, months),
            )
            after = judgement if chance.random() < agreed else chance.choice(JUDGEMENTS[1:3])
            rows[new_id()] = Row(
                team,
                month,
                judgement,
                theme if chance.random() < of_theme else other_theme,
                chance.random() < heard,
                after if chance.random() < moderated else None,
                mostly if chance.random() < often else chance.choice([*AUDITORS]),
            )
    submitted = frozenset(code for code in lying_in if chance.random() < 0.8)
    teams = tuple({row.team: None for row in rows.values()})
    return Authority(rows, submitted, chance.choice((0, 0, 1, 6)), teams)


def later(before: Authority, chance: Random) -> Authority:
    """What became of it: a few or many came, left, were amended, moderated, or went elsewhere."""
    rows, submitted = dict(before.rows), set(before.submitted)
    # The first audit of a team has its urgent findings, and stays.
    first = {row.team: key for key, row in reversed([*before.rows.items()])}
    free = sorted(before.rows.keys() - first.values())
    for what in range(5):
        many = chance.choice((0, 0, 1, 2, 7, 24))
        for key in chance.sample(free, min(many, len(free))):
            row = rows.get(key)
            if row is None:
                continue
            match what:
                case 0:
                    rows[new_id()] = row._replace(after=None)
                case 1:
                    del rows[key]
                case 2 if row.after is None:
                    rows[key] = row._replace(judgement=chance.choice(JUDGEMENTS))
                case 3 if row.after is None:
                    rows[key] = row._replace(after=chance.choice(JUDGEMENTS))
                case 4:
                    rows[key] = row._replace(team=chance.choice([*SERVICES]))
    if chance.random() < 0.3:
        submitted.add(chance.choice([*SERVICES.values()]))
    return before._replace(rows=rows, submitted=frozenset(submitted))
