"""People are told of nothing that they cannot look at."""

from qa_api.rules.alerts import LIST_OF, WHOLE_LIST, AlertKind


def test_each_alert_says_where_to_look() -> None:
    assert set(LIST_OF) == set(AlertKind)
    assert set(AlertKind) >= WHOLE_LIST
