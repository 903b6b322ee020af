"""The alert rules of the operators' guide are about what is there."""

import re
from pathlib import Path

from qa_api.http.metrics import Metrics
from qa_api.worker.verifying import SEALED_WITHIN
from qa_api.worker.witnessing import LOOKED_AFTER_EVERY

GUIDE = Path(__file__).parents[2] / "docs" / "operators.md"


def rules() -> dict[str, str]:
    """What each alert asks."""
    found = re.search(
        r"<!-- alert rules -->(.*)<!-- /alert rules -->", GUIDE.read_text(), re.DOTALL
    )
    assert found is not None
    return dict(re.findall(r"- alert: (\w+)\n +expr: (.+)\n", found[1]))


def test_each_rule_asks_for_what_is_measured_and_for_the_worker_s_own_limits() -> None:
    measured = set(re.findall(r"^# TYPE (\S+)", Metrics().exposition().decode(), re.MULTILINE))
    measured |= {f"{name}_total" for name in measured}
    asked = rules()
    assert len(asked) == GUIDE.read_text().count("- alert: ")
    for name, expr in asked.items():
        asked_for = set(re.findall(r"qa_[a-z_]+", expr))
        assert asked_for, name
        assert asked_for <= measured, name
    after = {name: expr.rpartition("> ")[2] for name, expr in asked.items()}
    assert float(after["QaNotSealed"]) == LOOKED_AFTER_EVERY
    assert float(after["QaNotSealedForLong"]) == SEALED_WITHIN.total_seconds()
