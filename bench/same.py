"""What is compared must be the same: each application's answers are held side by side first."""

from typing import Any

import httpx

from bench.asked import Request, Scenario
from bench.processes import Served

SAMPLE = 5

# What (b) leaves out in its own favour; paging differs.
LEFT_OUT = frozenset({"allowed_actions", "next_cursor", "working_days_left"})
# Of a POST: what is made anew each time, and what the two others do not look up.
MADE = frozenset({"id", "planned_at", "started_at", "answered_at", "policy_version"})
NOT_LOOKED_UP = frozenset({"audited_team_manager", "audited_head_of_service"})


def check_same(scenario: Scenario, served: dict[str, Served]) -> None:
    """Stop the run unless all three answer a sample of the requests with the same content."""
    apart = LEFT_OUT | MADE | NOT_LOOKED_UP if scenario.method == "POST" else LEFT_OUT
    for place in range(SAMPLE):
        answers = {
            name: _answer(
                one, scenario, (scenario.own if name == "qa_api" else scenario.theirs)[place]
            )
            for name, one in served.items()
        }
        own, bare = answers["qa_api"], answers["bare"]
        if scenario.name == "GET":
            assert own.content == bare.content, "GET: not the same bytes as bare"
        for name, answer in answers.items():
            assert _content(answer.json(), apart) == _content(own.json(), apart), (
                f"{scenario.name}: {name}"
            )


def _answer(served: Served, scenario: Scenario, request: Request) -> httpx.Response:
    path, token, body = request
    headers = {"authorization": f"Bearer {token}"}
    if body:
        headers |= {"content-type": "application/json", "idempotency-key": f"same-{hash(body)}"}
    url = served.url + path
    answer = httpx.request(scenario.method, url, content=body or None, headers=headers)
    return answer.raise_for_status()


def _content(value: Any, apart: frozenset[str]) -> Any:
    """The answer without what differs by nature: what was just made, and how instants end."""
    if isinstance(value, list):
        return [_content(one, apart) for one in value]
    if isinstance(value, dict):
        return {name: _content(one, apart) for name, one in value.items() if name not in apart}
    if isinstance(value, str) and value.endswith("Z"):
        return value.rstrip("Z").rstrip("0").rstrip(".")
    return value
