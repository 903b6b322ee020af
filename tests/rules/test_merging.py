"""C6: which merges are carried out, and that an adopted child's identities are never joined."""

import pytest

from qa_api.rules.merging import MergeVerdict, Party, decide_merge

KNOWN, OTHER, NOBODY = Party("a"), Party("b"), Party(None)


@pytest.mark.parametrize(
    ("source", "into", "verdict"),
    [
        (KNOWN, OTHER, MergeVerdict.CARRIED_OUT),
        (KNOWN, NOBODY, MergeVerdict.CARRIED_OUT),
        (NOBODY, KNOWN, MergeVerdict.CARRIED_OUT),
        (KNOWN, KNOWN, MergeVerdict.ALREADY_ONE),
        (NOBODY, NOBODY, MergeVerdict.NOBODY_KNOWN),
    ],
)
def test_a_merge_is_carried_out_once_somebody_is_known(
    source: Party, into: Party, verdict: MergeVerdict
) -> None:
    assert decide_merge(source, into) is verdict


@pytest.mark.parametrize("other", [KNOWN, OTHER, NOBODY, Party("b", ever_pre_adoption=True)])
def test_a_record_from_before_an_adoption_is_never_joined_to_any_other(other: Party) -> None:
    before = Party("a", ever_pre_adoption=True)
    assert decide_merge(before, other) is MergeVerdict.PRE_ADOPTION
    assert decide_merge(other, before) is MergeVerdict.PRE_ADOPTION
