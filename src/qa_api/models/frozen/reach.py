"""Whom somebody reaches, and who is told, changes by what is told in the same transaction (X3).

The service keeps and tells it with the changes of rights (ADR 22). Here it is looked for at the
commit: the event log says which entry was changed, or that the service itself did it, as in an
import or by a command.
"""

from collections.abc import Mapping
from typing import Final

from qa_api.models.frozen.entries import Begun, Closed, Frozen

_TOLD: Final = (
    "EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp())"
    " AND e.type = 'configuration.changed' AND (e.principal_id IS NULL"
    " OR (e.data ->> 'what', e.data ->> 'code') = ({what}, {code})))"
)
"""Found by its place in the log."""

DATED: Final[Mapping[str, tuple[str, str, str]]] = {
    "absences": ("worker reason_code valid", "'worker'", "{row}.worker"),
    "auditor_group_memberships": ('"group" team valid', "'auditor_group'", '{row}."group"'),
    "posts": (
        "kind team service worker valid",
        "CASE {row}.kind WHEN 'head' THEN 'service' ELSE 'team' END",
        "coalesce({row}.service, {row}.team)",
    ),
    "supervisions": ("worker supervisor valid", "'worker'", "{row}.worker"),
    "team_memberships": ("worker team valid", "'worker'", "{row}.worker"),
    "team_services": ("team service valid", "'team'", "{row}.team"),
}
"""The dated relations of the directory, which a change of an entry writes anew: what each says, and
the entry that it is of, as the event log names it.
"""

_BECAUSE: Final = "whom somebody reaches is changed in the directory by a change that is told"
_SENT_BECAUSE: Final = "where the service sends what happened is changed by a change that is told"


def told(what: str, code: str, row: str) -> str:
    """SQL: this transaction tells of that entry of the configuration, or did it itself."""
    return _TOLD.format(what=what, code=code).format(row=row)


def _told_if_claimed(row: str) -> str:
    """Of what a case system calls somebody; what nobody has claimed is nobody's yet."""
    of_theirs = told("{row}.kind", "coalesce({row}.worker, {row}.team)", row)
    return f"(num_nonnulls({row}.worker, {row}.team) = 0 OR {of_theirs})"


REACH: Final[tuple[Frozen | Begun | Closed, ...]] = (
    *(
        entry
        for table, (columns, what, code) in DATED.items()
        for entry in (
            Begun(
                table,
                "telling",
                _BECAUSE,
                not_as="true",
                witness=told(what, code, "NEW"),
                at_commit=True,
            ),
            Frozen(
                table,
                "telling",
                columns,
                _BECAUSE,
                witness=f"{told(what, code, 'OLD')} AND {told(what, code, 'NEW')}",
                at_commit=True,
            ),
            Closed(
                table,
                "removal",
                _BECAUSE,
                told(what, code, "OLD"),
                removed=True,
                at_commit=True,
            ),
        )
    ),
    Begun(
        "case_system_references",
        "telling",
        _BECAUSE,
        not_as="num_nonnulls(NEW.worker, NEW.team) > 0",
        witness=_told_if_claimed("NEW"),
        at_commit=True,
    ),
    Frozen(
        "case_system_references",
        "telling",
        "system kind reference folded worker team valid",
        _BECAUSE,
        witness=f"{_told_if_claimed('OLD')} AND {_told_if_claimed('NEW')}",
        at_commit=True,
    ),
    Closed(
        "case_system_references",
        "removal",
        _BECAUSE,
        _told_if_claimed("OLD"),
        removed=True,
        at_commit=True,
    ),
    Frozen(
        "workers",
        "telling",
        "starts_on leaves_on observations_required",
        _BECAUSE,
        witness=told("'worker'", "{row}.code", "NEW"),
        at_commit=True,
    ),
    Frozen(
        "case_systems",
        "telling",
        "source",
        _BECAUSE,
        witness=told("'case_system'", "{row}.code", "NEW"),
        at_commit=True,
    ),
    Begun(
        "webhook_endpoints",
        "telling",
        _SENT_BECAUSE,
        not_as="true",
        witness=told("'webhook_endpoint'", "{row}.id::text", "NEW"),
        at_commit=True,
    ),
    Frozen(
        "webhook_endpoints",
        "telling",
        "system url event_types secrets disabled_at deleted_at",
        _SENT_BECAUSE,
        witness=told("'webhook_endpoint'", "{row}.id::text", "NEW"),
        at_commit=True,
    ),
)
