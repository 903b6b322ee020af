"""What is compared must be the same: the three applications' answers, held side by side first."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx

from bench.asked import Request, Scenario
from bench.processes import Served

SAMPLE = 5

# What (b) leaves out in its own favour; paging differs.
LEFT_OUT = frozenset({"allowed_actions", "next_cursor", "working_days_left"})
# Of a POST: what is made anew each time, and what the two others do not look up.
MADE = frozenset({"id", "planned_at", "started_at", "answered_at", "changed_at", "policy_version"})
NOT_LOOKED_UP = frozenset({"audited_team_manager", "audited_head_of_service"})


def differences(scenario: Scenario, served: dict[str, Served]) -> list[str]:
    """In what the others answer otherwise; they are written by hand and may fall behind."""
    return list(dict.fromkeys(_differences(scenario, served)))


def _differences(scenario: Scenario, served: dict[str, Served]) -> Iterator[str]:
    apart = LEFT_OUT | MADE | NOT_LOOKED_UP if scenario.method == "POST" else LEFT_OUT
    for own_request, their_request in list(zip(scenario.own, scenario.theirs, strict=True))[
        :SAMPLE
    ]:
        own = _answer(served["qa_api"], scenario, own_request)
        for name in served.keys() - {"qa_api"}:
            theirs = _answer(served[name], scenario, their_request)
            if name == "bare" and scenario.name == "GET" and own.content != theirs.content:
                yield "bare answers other bytes"
            ours, others = own.json(), theirs.json()
            for field in ours:
                if field not in apart and _plain(ours[field], apart) != _plain(
                    others.get(field), apart
                ):
                    yield f"{name} answers another {field}"


def _answer(served: Served, scenario: Scenario, request: Request) -> httpx.Response:
    path, token, body = request
    headers = {"authorization": f"Bearer {token}"}
    if body:
        headers |= {"content-type": "application/json", "idempotency-key": uuid4().hex}
    answer = httpx.request(
        scenario.method, served.url + path, content=body or None, headers=headers, timeout=30
    )
    return answer.raise_for_status()


def _plain(value: Any, apart: frozenset[str]) -> Any:
    """A value without what differs by nature: what was just made, and how an instant ends."""
    if isinstance(value, list):
        return [_plain(one, apart) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one, apart) for name, one in value.items() if name not in apart}
    if isinstance(value, str) and value.endswith("Z"):
        return value.rstrip("Z").rstrip("0").rstrip(".")
    return value
