"""The caseload of a day: who is in it, how its rows are fingerprinted, whom a year has looked at.

Each row has a digest of its own, with a salt that nobody else has. When a child's time has come the
row goes and its digest stays: count, hash and draws still verify, and nobody finds the child again
by trying references (§4.4, R4.4.4).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, timedelta
from typing import Final

from qa_api.rules.cadence import months_after
from qa_api.rules.policy import Policy
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.4, R4.4.4"
NEAR_THE_END: Final = timedelta(days=14)
"""How far from the end of a quarter the caseload may be that stands for it."""


class Child(Unchanging):
    """An open case of a caseload, as the case system has it on that day."""

    ref: str
    team: str
    worker: str | None
    status: str
    open_since: date | None = None
    strata: Mapping[str, str] = field(default_factory=dict, hash=False)


def written(child: Child) -> str:
    """A row as it is fingerprinted: always the same text for the same row."""
    since = child.open_since and child.open_since.isoformat()
    row = [child.ref, child.team, child.worker, child.status, since, dict(child.strata)]
    return json.dumps(row, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def fingerprint_of(child: Child) -> str:
    """SHA-256 of a row: the same row sent again has the same."""
    return hashlib.sha256(written(child).encode()).hexdigest()


def digest_of(child: Child, salt: str) -> str:
    """SHA-256 of a row behind its salt: what stays of it when the child goes."""
    return hashlib.sha256(f"{salt}|{written(child)}".encode()).hexdigest()


def hash_of_rows(digests: Iterable[str]) -> str:
    """The fingerprint of a caseload, whatever order its rows are in."""
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


def looked_at_from(day: date, policy: Policy) -> date:
    """The first day of the months before `day` in which an audit counts as coverage."""
    return months_after(day, -policy.coverage_months) + timedelta(days=1)


def kept_until(day: date, policy: Policy) -> date:
    """The last day on which a caseload is kept that nothing was drawn from."""
    return day + timedelta(days=policy.caseload_kept_days)
