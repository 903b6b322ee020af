"""Who may see what: every read of the contract, asked by everybody, against the written table.

Each answer is looked through for ids, for references of children and for texts, so that what one
operation hides no other shows. `./dev drill matrix` asks of every row; the suite asks a share.
"""

from collections.abc import Iterable, Iterator, Mapping

from qa_api.auth.matrix import THINGS, Act
from qa_api.auth.steps import ACTION_PERMISSIONS
from tests.matrix.near import TABLES
from tests.matrix.walk import OTHERWISE_LISTED, OVERSEER, ROUND_A_CORNER, Walk


def test_everybody_is_listed_exactly_what_the_table_shows_them(walk: Walk) -> None:
    for thing in THINGS:
        for operation in set_apart(thing.listed):
            for name in walk.askers():
                walk.list_of(name, operation, thing)
    walk.hold(50)


def test_a_document_is_shown_or_is_as_if_it_did_not_exist(walk: Walk) -> None:
    for name, asked in walk.by_operation():
        walk.read(name, asked)
    walk.hold(20)


def test_what_is_computed_or_listed_of_another_shows_no_more(walk: Walk) -> None:
    for operation, path, accepted in walk.others():
        for name in walk.askers():
            walk.ask(name, operation, path, accepted)
    walk.hold(20)


def test_a_condition_a_head_a_filter_or_a_cursor_tells_no_more(walk: Walk) -> None:
    for name, asked in walk.round_corners():
        walk.conditionally(name, asked)
    for thing in THINGS:
        for operation in set_apart(thing.listed[:1]) if thing.name in TABLES else ():
            for name in walk.askers():
                if name != OVERSEER:  # whose place the others go on from
                    walk.page_by_page(name, operation)
                if walk.chance.random() < ROUND_A_CORNER or not walk.share:
                    walk.filtered(name, operation, thing)
    walk.hold(10)


def test_a_figure_counts_what_the_same_person_is_listed(walk: Walk) -> None:
    for name in ("qs-1", "tm-lincoln-fast") if walk.share else walk.people:
        walk.counted(name)
    walk.hold(4)


def test_what_they_are_told_they_may_do_the_table_gives_them(walk: Walk) -> None:
    steps = acts_by_step()
    for name, asked in walk.by_operation():
        if asked.operation == asked.thing.document:
            walk.allowed(name, asked, steps[asked.thing.name])
    walk.hold(5)


def set_apart(listed: Iterable[str]) -> Iterator[str]:
    """The lists of a thing's own rows."""
    return (operation for operation in listed if operation not in OTHERWISE_LISTED)


_CALLED = {
    "audit_response": "response",
    "hand_over": "hand-over",
    "audit_tool": "catalogue",
    "qa_update": "QA update",
    "rights_change": "change of rights",
    "webhook_delivery": "webhook",
}
"""The thing that a life cycle is of, where the table calls it otherwise."""
_BESIDE = {"quarter plan": "plan cases", "moderation sample": "moderation outcome"}
"""Where further acts of a life cycle stand in the table."""


def acts_by_step() -> Mapping[str, Mapping[str, Act]]:
    """For each thing, the act of the table behind each step, by the permission of both."""
    found: dict[str, dict[str, Act]] = {thing.name: {} for thing in THINGS}
    for (aggregate, step), permission in ACTION_PERMISSIONS.items():
        name = _CALLED.get(aggregate, aggregate.replace("_", " "))
        acts = [
            act
            for thing in THINGS
            if thing.name in {name, _BESIDE.get(name)}
            for act in thing.acts
            if act.permission is permission
        ]
        # Of several under one permission it is the one that is called like the step.
        for act in sorted(acts, key=lambda act: not act.operation.startswith(f"{step}_")):
            found[name].setdefault(step, act)
    decision = next(thing for thing in THINGS if thing.name == "board decision")
    found["board decision"]["complete"] = decision.acts[0]
    return found
