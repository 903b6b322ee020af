"""What is known of a snapshot whose open transactions had to be asked for."""

import pytest

from qa_api.replica import Ends
from qa_api.reporting.snapshots import Snapshot
from qa_api.servers import dsn_arguments


@pytest.mark.parametrize(
    ("before", "after", "exact"),
    [
        pytest.param(Ends(5, 9, (5, 7)), Ends(5, 9, (5, 7)), True, id="nothing-ended"),
        pytest.param(Ends(5, 9, (5, 7)), Ends(7, 9, (7,)), True, id="ended-before-the-snapshot"),
        pytest.param(Ends(5, 9, (5, 7)), Ends(5, 9, (5,)), False, id="ended-who-knows-when"),
        pytest.param(Ends(5, 9, (5,)), Ends(5, 12, (5, 10)), False, id="began-meanwhile"),
        pytest.param(Ends(5, 9, None), Ends(5, 9, None), False, id="too-many"),
    ],
)
def test_what_is_open_is_exact_where_none_ended_between_both_looks(
    before: Ends, after: Ends, exact: bool
) -> None:
    assert after.is_as(before) is exact


@pytest.mark.parametrize(
    ("earlier", "later", "included"),
    [
        pytest.param("9:9:", "9:9:", True, id="same"),
        pytest.param("5:9:5,7", "5:12:5,10", True, id="later"),
        pytest.param("5:9:5,7", "7:9:7,8", False, id="had-seen-one-that-is-open"),
        pytest.param("5:9:5", "5:8:5", False, id="had-seen-one-that-has-not-begun"),
        pytest.param("5:9:5", "5:9:5/of-a-restore", False, id="another-epoch"),
    ],
)
def test_a_snapshot_includes_one_if_it_has_seen_all_that_this_had(
    earlier: str, later: str, included: bool
) -> None:
    assert Snapshot.read(later).includes(Snapshot.read(earlier)) is included


def test_of_the_servers_for_reports_one_that_follows_is_wanted() -> None:
    wanted = "target_session_attrs"
    assert dsn_arguments("postgresql://one/qa", "standby")[wanted] == "standby"
    assert dsn_arguments("postgresql://one,two/qa", "standby")[wanted] == "standby"
    asked = "postgresql://one,two/qa?target_session_attrs=any"
    assert dsn_arguments(asked, "standby")[wanted] == "any"
