"""What is drawn for moderation is added by its draw (R4.5.1)."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.conftest import Database
from tests.frozen.additions import about, drawing
from tests.frozen.statements import (
    AT_THE_COMMIT,
    ONE,
    OTHER,
    SEVENTH,
    THIRD,
    Row,
    Statement,
    entry_of,
    new,
    refused,
    tried,
)

_MODERATED: Final = (
    "UPDATE moderation_outcomes SET moderated_judgement = 'judgement', moderated_at = now(),"
    f" moderated_rationale = 'Seen.', moderated_by = moderator WHERE sample_id = {THIRD}"
)
DRAWN_OTHERWISE: Final[Mapping[str, tuple[str, Row]]] = {
    "another judgement": ("moderation_outcomes", {"auditor_judgement": "'judgement'"}),
    "another rationale": ("moderation_outcomes", {"auditor_rationale": "'Other.'"}),
    "another auditor": ("moderation_outcomes", {"auditor": "'another'"}),
    "an earlier revision": ("moderation_outcomes", {"audit_revision": "0"}),
    "an audit that was not drawn": ("moderation_outcomes", {"audit_id": ONE}),
    "another sample's outcome": ("moderation_outcomes", {"sample_id": OTHER}),
    "a domain that says another judgement": (
        "moderated_domains",
        {"auditor_judgement": "'other'"},
    ),
    "a member that says another judgement": ("moderation_members", {"judgement": "'judgement'"}),
    "a member that is left out for nothing": (
        "moderation_members",
        {"exclusion": "'restricted'", "drawn": "false"},
    ),
    "a member of another sample": ("moderation_members", {"sample_id": OTHER}),
    "a member that is not completed": ("moderation_members", {"audit_id": THIRD}),
    "a team of another sample": ("moderating_teams", {"sample_id": OTHER}),
}

LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "a draw with its teams and what was drawn": (
        *drawing("moderation_outcomes"),
        new("moderating_teams", {"sample_id": THIRD}),
        about("moderation_outcomes", {"restricted": "true", "moderator": "'both'"}),
        _MODERATED,
        AT_THE_COMMIT,
    ),
    "a draw of nothing, which is closed at once": (
        *drawing("moderation_members", "closed"),
        about("moderation_members", {"restricted": "", "drawn": "false"}),
        AT_THE_COMMIT,
    ),
}
"""What is done lawfully, each with its witness."""


def _pair(because: str, *after: Statement) -> tuple[Statement, ...]:
    """A pair that is drawn, and not sealed for this reason, with what is done to it then."""
    row: Row = {
        "id": SEVENTH,
        "restricted": "true",
        "moderator": "'both'",
        "sealed": "false",
        "unsealed_because": f"'{because}'",
    }
    return (*drawing("moderation_outcomes"), about("moderation_outcomes", row), *after)


def _set(what: str, table: str = "moderation_outcomes") -> str:
    key = "outcome_id" if table == "moderated_domains" else "id"
    return f"UPDATE {table} SET {what} WHERE {key} = {SEVENTH}"


_DOMAIN: Final = about("moderated_domains", {"restricted": "true"})
_JUDGED_DOMAIN: Final = "moderated_judgement = 'judgement', moderated_rationale = 'Seen.'"
_ANEW: Final = "moderated_rationale = 'Put better.', moderated_at = now()"
_SEALED: Final = "sealed = true, unsealed_because = NULL"
_CONSENSUS: Final = (
    "consensus_judgement = 'judgement', consensus_rationale = 'Both.',"
    " consensus_proposed_at = now(), consensus_proposed_by = moderator"
)
_AGREED: Final = "consensus_agreed_at = now(), consensus_agreed_by = {}"
_LEARNING: Final = about("learning_actions", {"outcome_id": SEVENTH, "restricted": "true"})
_SEALED_PAIR: Final = _pair("policy", _set(f"{_SEALED}, moderator = 'another'"))

IN_THE_PAIR: Final[Mapping[str, tuple[Statement, ...]]] = {
    "a judgement that policy leaves open is put better": _pair(
        "policy", _DOMAIN, _MODERATED, _set(_ANEW), _set(_JUDGED_DOMAIN, "moderated_domains")
    ),
    "another moderator has it sealed": _SEALED_PAIR,
    "another moderator has it unsealed": _pair(
        "has_read", _set("moderator = 'another', unsealed_because = 'addressed'")
    ),
    "the two of a sealed pair agree": (*_SEALED_PAIR, _MODERATED, _set(_CONSENSUS)),
    "one of the two proposes and the other agrees": (
        *_SEALED_PAIR,
        _MODERATED,
        _set(_CONSENSUS),
        _set(_AGREED.format("auditor")),
    ),
    "what is to be learned of it, once it is judged": (*_SEALED_PAIR, _MODERATED, _LEARNING),
    "the rest of an unsealed outcome is put better": _pair(
        "has_read", _MODERATED, _set("feedback_to_auditor = 'Say more.'")
    ),
}
NOT_IN_THE_PAIR: Final[Mapping[str, tuple[str, tuple[Statement, ...]]]] = {
    "another judgement where the first was read": (
        "moderation_outcomes.frozen_seal",
        _pair("has_read", _MODERATED, _set(_ANEW)),
    ),
    "another judgement of a domain where the first was read": (
        "moderated_domains.frozen_seal",
        _pair("addressed", _DOMAIN, _MODERATED, _set(_JUDGED_DOMAIN, "moderated_domains")),
    ),
    "an open pair that is judged, passed off as sealed": (
        "moderation_outcomes.frozen_pair",
        _pair("policy", _MODERATED, _set(_SEALED)),
    ),
    "the same for another moderator": (
        "moderation_outcomes.frozen_pair",
        _pair("policy", _MODERATED, _set(f"{_SEALED}, moderator = 'another'")),
    ),
    "a sealed pair that is judged, passed off as open": (
        "moderation_outcomes.frozen_pair",
        (*_SEALED_PAIR, _MODERATED, _set("sealed = false, unsealed_because = 'policy'")),
    ),
    "a reason that makes a judgement be open": (
        "moderation_outcomes.frozen_pair",
        _pair("has_read", _MODERATED, _set("unsealed_because = 'policy'")),
    ),
    "an open pair sealed before it is judged, for who has it": (
        "moderation_outcomes.frozen_sealing",
        _pair("has_read", _set(_SEALED)),
    ),
    "an open pair sealed with its judgement": (
        "moderation_outcomes.frozen_sealing",
        _pair("has_read", _MODERATED.replace("SET", f"SET {_SEALED},")),
    ),
    "an open pair sealed by way of another, for who leads the team of the case": (
        "moderation_outcomes.frozen_who_reads",
        (*_SEALED_PAIR, _set("moderator = 'both'")),
    ),
    "a judgement in the name of the auditor": (
        "moderation_outcomes.frozen_judge",
        (*_SEALED_PAIR, _MODERATED.replace("moderated_by = moderator", "moderated_by = auditor")),
    ),
    "a consensus that a stranger proposes": (
        "moderation_outcomes.frozen_parties",
        (
            *_SEALED_PAIR,
            _MODERATED,
            _set(_CONSENSUS.replace("proposed_by = moderator", "proposed_by = 'stranger'")),
        ),
    ),
    "a consensus that a stranger agrees to": (
        "moderation_outcomes.frozen_parties",
        (*_SEALED_PAIR, _MODERATED, _set(_CONSENSUS), _set(_AGREED.format("'stranger'"))),
    ),
    "a consensus of one with themselves": (
        "moderation_outcomes.frozen_parties",
        (*_SEALED_PAIR, _MODERATED, _set(_CONSENSUS), _set(_AGREED.format("moderator"))),
    ),
    "a consensus with who read the first": (
        "moderation_outcomes.frozen_two",
        _pair("has_read", _MODERATED, _set(_CONSENSUS)),
    ),
    "a consensus before the second has judged": (
        "moderation_outcomes.frozen_two",
        (*_SEALED_PAIR, _set(_CONSENSUS)),
    ),
    "what is to be learned of it, before the second has judged": (
        "learning_actions.closed_content",
        (*_SEALED_PAIR, _LEARNING),
    ),
    "a consensus on a domain with who read the first": (
        "moderated_domains.frozen_two",
        _pair(
            "has_read",
            _DOMAIN,
            _MODERATED,
            _set(
                "consensus_judgement = 'judgement', consensus_rationale = 'Both.'",
                "moderated_domains",
            ),
        ),
    ),
}


@pytest.mark.parametrize("what", IN_THE_PAIR)
def test_what_is_lawful_in_a_pair_stays_open(world: Database, what: str) -> None:
    assert tried(world, *IN_THE_PAIR[what], AT_THE_COMMIT) is None


@pytest.mark.parametrize("what", NOT_IN_THE_PAIR)
def test_a_pair_and_its_judgement_stand_as_they_came_about(world: Database, what: str) -> None:
    entry, written = NOT_IN_THE_PAIR[what]
    answer = tried(world, *written, AT_THE_COMMIT)
    assert refused(answer, entry_of(*entry.split("."))), answer


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize("what", DRAWN_OTHERWISE)
def test_what_is_drawn_is_added_by_the_draw_and_says_what_the_audit_says(
    world: Database, what: str
) -> None:
    table, row = DRAWN_OTHERWISE[what]
    entry = entry_of(table, "closed_draw")
    otherwise = (
        new(table, {"team": "'further'", **row})
        if table == "moderating_teams"
        else about(table, {"restricted": "true", **row})
    )
    answer = tried(world, *drawing(table), otherwise)
    assert refused(answer, entry), answer
