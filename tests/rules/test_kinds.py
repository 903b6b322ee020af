"""C2: whether a record is a child's is a fold of what was told, and of what people entered."""

import pytest

from qa_api.rules.kinds import SubjectKind, kept_as, kind_of, kind_told

CHILD, HOUSEHOLD = SubjectKind.CHILD, SubjectKind.CARER_HOUSEHOLD


@pytest.mark.parametrize(
    ("told", "entered", "kind"),
    [
        ([], [], None),
        ([HOUSEHOLD], [], HOUSEHOLD),
        ([CHILD], [], CHILD),
        ([HOUSEHOLD, CHILD], [], CHILD),
        ([CHILD, HOUSEHOLD], [], CHILD),
        # A person's word stands before a system's.
        ([CHILD], [HOUSEHOLD], HOUSEHOLD),
        ([HOUSEHOLD], [CHILD, HOUSEHOLD], CHILD),
    ],
)
def test_a_record_is_a_childs_if_anything_told_of_it_says_so(
    told: list[SubjectKind], entered: list[SubjectKind], kind: SubjectKind | None
) -> None:
    assert kind_of(told, entered) == kind_of(told[::-1], entered[::-1]) == kind


def test_no_role_says_nothing_and_any_other_is_a_childs() -> None:
    roles = [None, "", "carer_household", "child", "sibling"]
    assert [kind_told(role) for role in roles] == [None, None, HOUSEHOLD, CHILD, CHILD]
    assert [kept_as(kind) for kind in (None, HOUSEHOLD)] == [CHILD, HOUSEHOLD]
