"""States of an audit that may be asked for, whoever is to moderate it sealed (R4.5.3)."""

import pytest

from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.sealed import as_kept, stands_in
from qa_api.rules.states import (
    AUDIT_FINISHED,
    AUDIT_NOT_CANCELLED,
    AUDIT_OPEN,
    AUDIT_UNDER_WAY,
    AuditState,
)


@pytest.mark.parametrize(
    "group", [AUDIT_FINISHED, AUDIT_NOT_CANCELLED, AUDIT_OPEN, AUDIT_UNDER_WAY]
)
def test_a_group_that_does_not_tell_whether_it_closed_is_asked_by_the_column(
    group: tuple[AuditState, ...],
) -> None:
    said = str(stands_in(aliased(Audit, name="one"), group))
    assert said.startswith("one.state IN")
    assert "qa_is_sealed" not in said


@pytest.mark.parametrize("state", AUDIT_FINISHED)
def test_a_group_that_tells_it_is_no_condition(state: AuditState) -> None:
    with pytest.raises(ValueError, match="whether an audit has closed"):
        stands_in(aliased(Audit), (state, *AUDIT_OPEN))


def test_what_is_kept_stands_beside_what_is_told() -> None:
    row = aliased(Audit, name="one")
    assert str(as_kept(row, "version")) == "one.version"
    assert "qa_is_sealed" in str(row.version)
    assert str(as_kept(Audit, "version")) == str(Audit.version)
