"""The table as a page for people: `docs/who-may-see-what.md`."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from qa_api.auth.matrix import THINGS
from qa_api.auth.matrix.fields import NEEDED_BY, PEOPLE
from qa_api.auth.matrix.leaving import (
    ALWAYS_SENT,
    PULLED,
    SENT,
    SENT_OF_GATES,
    SENT_WITH,
    TOLD,
    Receiving,
    Without,
)
from qa_api.auth.matrix.of_administrators import OF_ADMINISTRATORS
from qa_api.auth.matrix.words import Act, Thing
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.auth.sight import Relation, Rule, Sight, Standing
from qa_api.models.unguarded import UNGUARDED
from qa_api.rules.policy_guards import WEAKENED_WHEN, WeakenedWhen

PAGE: Final = Path("docs") / "who-may-see-what.md"

_SIGHTS: Final[Mapping[Sight, str]] = {
    Sight.NOTHING: "nothing",
    Sight.EXISTS: "that it exists",
    Sight.FIELDS: "the fields named above",
    Sight.ROW: "the row",
    Sight.TEXT: "all of it",
}
_WORDS: Final = """\
# Who may see what

Written by `qa-api matrix` from the table that the tests walk; change the table in
`src/qa_api/auth/matrix/`, not this page.

Somebody sees a thing for a reason: a role that they hold, and how near they are to the thing. Who
has several reasons sees the most that any of them gives; who has none is answered as if the thing
did not exist, in lists and figures too. *The row* is codes, dates and states; *all of it* is the
row and what people wrote.

Two things come before every reason. A **restricted** record shows to nobody without a grant that
has not expired; a grant gives what the person would see if it were not restricted, and no more. An
audit that was **recorded in error** was about another child: once a second person has confirmed it,
it and what hangs on it show to nobody; where somebody still sees it, the thing says so.

## How near

| | |
|---|---|
"""
_RELATIONS: Final[Mapping[Relation, str]] = {
    Relation.OWN_WORK: "It was given to them to do, they did it, or it is about them.",
    Relation.ALLOCATED: "The case is allocated to them now.",
    Relation.OWN_TEAM: "They supervise or manage the team that holds it today, or are its deputy.",
    Relation.OWN_SERVICE: "They head the service of the team that holds it today.",
    Relation.LOOKED_BACK: "An earlier audit of a child whom they are to audit.",
    Relation.AUDITED: "It audits their own work: from the notification, while their own view can be"
    " written (R4.1.9), and after that if they wrote one; whoever holds the case by then.",
    Relation.MODERATED: "It was drawn for them to moderate. While their second grade is sealed,"
    " they see no judgement and no rationale of the auditor's, wherever they look (R4.5.3).",
    Relation.ADDRESSED: "It is addressed to them or to the post that they hold today.",
    Relation.NONE: "Nothing: it goes for whoever holds the role.",
}


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()).rstrip() + "\n"


def write_page(root: Path, *, check: bool) -> bool:
    """Write the page under a folder, or only look; returns whether it differed."""
    place, text = root / PAGE, page()
    differs = not place.exists() or place.read_text() != text
    if differs and not check:
        place.write_text(text)
    return differs


def _lines() -> Iterator[str]:
    yield _WORDS.rstrip("\n")
    yield from (f"| {relation.value} | {meaning} |" for relation, meaning in _RELATIONS.items())
    yield ""
    yield "## In short"
    yield ""
    yield from _summary()
    for thing in THINGS:
        yield from _section(thing)
    yield from _leaving()
    yield from _of_administrators()
    yield "## Codes of people"
    yield ""
    named = " and ".join(thing.name for thing in THINGS if thing.named)
    yield f"Names stand on printed pages alone ({named}); in all else people are codes. These"
    yield "fields say who: to whoever sees the thing that they stand in, or to fewer:"
    yield ""
    by_meaning: dict[str, list[str]] = {}
    for field, meaning in PEOPLE.items():
        by_meaning.setdefault(meaning, []).append(field)
    for meaning, fields in by_meaning.items():
        told = f"; told to {NEEDED_BY[meaning]}" if meaning in NEEDED_BY else ""
        yield f"- {meaning}: {', '.join(f'`{field}`' for field in fields)}{told}"
    yield ""
    yield "## Tables without a second lock"
    yield ""
    yield "Row-level security is the database's lock, whatever a statement asks. These do without:"
    yield ""
    by_reason: dict[str, list[str]] = {}
    for table, reason in UNGUARDED.items():
        by_reason.setdefault(reason, []).append(table)
    for reason, tables in by_reason.items():
        yield f"- {', '.join(f'`{table}`' for table in tables)}: {reason}"


def _leaving() -> Iterator[str]:
    """What goes out whole, in datasets and in messages."""
    yield ""
    yield "## What is in the datasets"
    yield ""
    yield "Whoever may pull gets the same rows. What says more than the row:"
    yield ""
    for kind, roles in TOLD.items():
        if roles != roles_with(Permission.REPORTING_READ):
            yield f"- a child's {kind}: {_listed(roles)}; null in everybody else's pull"
    yield ""
    yield "| dataset | holds the rows of | but none | names workers in |"
    yield "|---|---|---|---|"
    for name, pulled in PULLED.items():
        without = "; ".join(each.value for each in Without if each in pulled.without)
        yield f"| `{name}` | `{pulled.table}` | {without} | {_fields(pulled.people)} |"
    yield ""
    yield "## What is in messages"
    yield ""
    yield "An endpoint is sent the events that it asked for, as references and codes."
    yield ""
    yield f"- registered for a case system: {Receiving.OWN_SYSTEM.value}"
    yield f"- registered for none: {Receiving.NO_SYSTEM.value}"
    yield ""
    beside = ", ".join(f"`{code}` (with `{name}`)" for code, name in SENT_WITH.items())
    yield f"Every message has {_fields(ALWAYS_SENT)}; where it has {beside}, also what the"
    yield f"receiver's case system calls it; of a closure gate also {_fields(SENT_OF_GATES)}."
    yield ""
    yield "| event | says also |"
    yield "|---|---|"
    yield from (f"| `{event}` | {_fields(fields)} |" for event, fields in SENT.items())
    yield ""


def _fields(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _of_administrators() -> Iterator[str]:
    """What an administrator changes: confirmed, told, or of nobody's reach."""
    yield "## What an administrator changes"
    yield ""
    yield "An administrator sees no record. What they change may let somebody else see one, or keep"
    yield "from somebody what they were told. So it is *confirmed* by a second person before it"
    yield "counts, or *told* to Quality & Standards at once, or it *reaches nobody*:"
    yield ""
    yield "| to do | how | what of it |"
    yield "|---|---|---|"
    for operation, (how, what) in OF_ADMINISTRATORS.items():
        yield f"| `{operation}` | {how.value} | {what} |"
    yield ""
    yield "What of the policy protects needs a second person when it is"
    yield ""
    by_direction: dict[WeakenedWhen, list[str]] = {}
    for key, when in WEAKENED_WHEN.items():
        by_direction.setdefault(when, []).append(f"`{key}`")
    also = by_direction.pop(WeakenedWhen.NEVER)
    for when, keys in by_direction.items():
        yield f"- {when.value.replace('_', ' ')}: {', '.join(keys)}"
    yield ""
    yield f"One person decides the others, and it is told: {', '.join(also)}."
    yield ""


def _summary() -> Iterator[str]:
    """A row for each thing, a column for each role: the most that any nearness gives."""
    short = {Sight.TEXT: "all", Sight.ROW: "row", Sight.FIELDS: "fields", Sight.NOTHING: ""}
    yield f"| | {' | '.join(_role(role) for role in Role)} |"
    yield f"|---|{'---|' * len(Role)}"
    for thing in THINGS:
        cells = []
        for role in Role:
            rules = [rule for rule in thing.rules if role in rule.roles]
            most = max((rule.sight for rule in rules), default=Sight.NOTHING)
            every = any(
                rule.sight == most and rule.relation is Relation.NONE and not rule.when
                for rule in rules
            )
            cells.append(short[most] + ("*" if most and not every else ""))
        yield f"| {thing.name} | {' | '.join(cells)} |"
    yield ""
    yield "\\* of what they are near to, or of what stands so, as below."


def _section(thing: Thing) -> Iterator[str]:
    yield ""
    yield f"## {thing.name[0].upper()}{thing.name[1:]}"
    yield ""
    yield thing.meaning
    if thing.texts:
        yield f"What people wrote: {thing.texts}."
    if thing.named:
        yield "Its printed page has the names of the workers on it, for whoever sees it."
    if thing.restricted:
        except_for = _listed(thing.even_restricted)
        yield "Restricted: only with a grant" + (f", except {except_for}." if except_for else ".")
    if thing.in_error is not None:
        yield f"In error: {_listed(thing.in_error) or 'nobody'}."
    if thing.rules:
        yield ""
        yield "| who | how near | when | sees |"
        yield "|---|---|---|---|"
        yield from (_rule(rule) for rule in thing.rules)
    if thing.acts:
        yield ""
        yield "| to do | who, how near | never |"
        yield "|---|---|---|"
        yield from (_act(act) for act in thing.acts)
    shown = [*([thing.document] if thing.document else []), *thing.listed]
    shown += [*thing.parts, *thing.computed]
    yield ""
    yield f"Shown by {', '.join(f'`{operation}`' for operation in shown)}."


def _rule(rule: Rule) -> str:
    when = ", ".join(standing.value for standing in Standing if standing in rule.when)
    return f"| {_listed(rule.roles)} | {rule.relation.value} | {when} | {_SIGHTS[rule.sight]} |"


def _act(act: Act) -> str:
    near: dict[tuple[Relation, ...], list[Role]] = {}
    for role in Role:
        if role in act.by:
            relations = tuple(one for one in Relation if one in act.by[role])
            near.setdefault(relations, []).append(role)
    said = "; ".join(
        f"{_listed(roles)} ({', '.join(relation.value for relation in relations)})"
        for relations, roles in near.items()
    )
    return f"| `{act.operation}` | {said} | {act.never} |"


def _listed(roles: Iterable[Role]) -> str:
    held = set(roles)
    if held == set(Role):
        return "everybody"
    return ", ".join(_role(role) for role in Role if role in held)


def _role(role: Role) -> str:
    return role.value.replace("_", " ")
