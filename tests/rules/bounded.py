"""What an attacker works out of sums that are told: within which bounds a count of rows lies."""

from typing import Any

import numpy as np


def bounds_of(aim: Any, rows: Any, low: Any, high: Any, most: float = 500) -> tuple[float, float]:
    """The least and the most that a sum can be, by integer programming.

    `aim` and each of `rows` name what is added; `low` and `high` bound the sums of `rows`, and
    `most` each count.
    """
    # Loaded where an attack begins: it takes a second.
    from scipy.optimize import Bounds, LinearConstraint, milp

    asked: dict[str, Any] = {
        "constraints": LinearConstraint(np.array(rows), low, high) if len(low) else (),
        "integrality": np.ones(len(aim)),
        "bounds": Bounds(0, most),
    }
    least, greatest = milp(aim, **asked), milp(-aim, **asked)
    assert least.success
    assert greatest.success
    return float(least.fun), float(-greatest.fun)


def width_of(aim: Any, rows: Any, low: Any, high: Any, most: float = 500) -> float:
    """How far apart these are."""
    least, greatest = bounds_of(aim, rows, low, high, most)
    return greatest - least
