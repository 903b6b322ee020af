"""How workers answer an audit's actions, where the story does not dwell on it (§4.2)."""

from qa_api.demo.callers import Json
from qa_api.demo.story import Story, today


def response_of(story: Story, audit: str) -> Json:
    """An audit's response, when the worker has been notified."""
    return story.until(
        lambda: story.standards.get("/v1/audit-responses", audit=audit)["items"][0],
        lambda response: response["due_on"] is not None,
    )


def respond(story: Story, response: Json) -> None:
    """The worker has done each action and says so; the manager finds it adequate and verifies."""
    path = f"/v1/audit-responses/{response['id']}"
    worker = story.caller(response["worker"])
    actions = worker.get("/v1/restorative-actions", audit=response["audit_id"])["items"]
    done = {"how": "Done with the family.", "done_on": today().isoformat()}
    worker.act(f"{path}/submit", {"items": [{"action": one["id"]} | done for one in actions]})
    manager = story.caller(f"tm-{response['team']}")
    manager.act(f"{path}/review", {"outcome": "adequate"})
    for action in actions:
        manager.act(
            f"/v1/restorative-actions/{action['id']}/verify",
            {"made_a_difference": True, "note": "Seen on the file."},
        )
