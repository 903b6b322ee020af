"""Themes and services beside each other leave nobody over (§4.7, R4.7.3)."""

from collections.abc import Mapping

import pytest

from qa_api.rules.crossed_parts import cross_safely
from qa_api.rules.readers import Atom, Known

ROWS = (Atom(("rows",)),)


def stand(table: Mapping[tuple[str, str], Mapping[str, int]], fewest: int = 5) -> bool:
    """By theme and service ("" is all else), how many each team knows: a letter each."""
    crossed = {
        key: [Known(frozenset(who), {"rows": many}) for who, many in teams.items()]
        for key, teams in table.items()
    }
    return cross_safely(crossed, ROWS, fewest)


WITHIN = {("theme", "fast"): {"a": 48}, ("", "fast"): {"b": 1}, ("", ""): {"c": 36, "d": 36}}


@pytest.mark.parametrize(
    ("table", "safe"),
    [
        pytest.param(WITHIN, False, id="49 of the service less 48 of its theme"),
        pytest.param({**WITHIN, ("", "fast"): {"b": 9, "": 6}}, True, id="enough are left"),
        pytest.param({**WITHIN, ("", "fast"): {}}, True, id="nobody is left"),
        pytest.param(
            {
                ("theme", "fast"): {"": 48},
                ("", "fast"): {"": 1},
                ("theme", ""): {"": 9},
                ("", ""): {"": 9},
            },
            True,
            id="how many lie outside nobody knows",
        ),
        pytest.param(
            {**WITHIN, ("theme", ""): {"e": 5, "f": 4}, ("", ""): {"": 9}},
            False,
            id="two know all that lie outside",
        ),
        pytest.param(
            {("theme", "fast"): {"": 20}, ("theme", ""): {"": 1}, ("", ""): {"": 40}},
            False,
            id="the service lies within the theme",
        ),
        pytest.param(
            {
                ("x", "fast"): {"": 20},
                ("y", "fast"): {"": 20},
                ("", "fast"): {"": 1},
                ("", ""): {"": 9},
            },
            False,
            id="two themes within a service",
        ),
        pytest.param(
            {("x", "s"): {"": 9}, ("x", "t"): {"": 8}, ("", "t"): {"": 2}, ("", ""): {"": 9}},
            False,
            id="a theme within two services",
        ),
        pytest.param(
            {
                ("x", "s"): {"": 9},
                ("x", "t"): {"": 9},
                ("y", "t"): {"": 9},
                ("y", "u"): {"": 9},
                ("", "u"): {"": 1},
                ("", "o"): {"": 9},
                ("z", "o"): {"": 9},
                ("z", ""): {"": 9},
                ("v", ""): {"": 9},
            },
            False,
            id="two themes within three services",
        ),
    ],
)
def test_parts_of_two_kinds_leave_nobody_over(
    table: Mapping[tuple[str, str], Mapping[str, int]], safe: bool
) -> None:
    assert stand(table) is safe


def test_an_authority_may_tell_everything() -> None:
    assert stand(WITHIN, fewest=1)
