"""The main job, walked over HTTP: from the case system's event to the verified action.

Nothing here knows the inside of the service. Each scene is what one person or system does.
"""

from collections.abc import Callable

import httpx

from qa_api.demo.callers import Unexpected
from qa_api.demo.receiver import Receiver
from qa_api.demo.scenes import SCENES, gate_of
from qa_api.demo.story import Story, day
from qa_api.demo.telling import Teller


def walk(url: str, token: Callable[[str], str]) -> int:
    """Tell the story against the service at `url`; `token` signs for the demo's people.

    Returns 0, or 1 when the service answered something else than the story tells.
    """
    with Receiver() as receiver, httpx.Client(base_url=url, timeout=30) as http:
        story = Story(Teller(len(SCENES)), receiver, http, token)
        try:
            for title, scene in SCENES:
                story.teller.step(title)
                scene(story)
        except Unexpected as answer:
            story.teller.say(f"This is not how the story goes. {answer}")
            return 1
        finally:
            _stop_listening(story)
        _sum_up(story)
    return 0


def _stop_listening(story: Story) -> None:
    if "endpoint" in story.made:
        administrator = story.caller("admin-1")
        administrator.act(f"/v1/webhook-endpoints/{story.made['endpoint']}/disable")


def _sum_up(story: Story) -> None:
    accepted, audit = story.made["accepted"], story.made["closed"]
    story.teller.summary(
        "In short",
        [
            ("Children of the sibling group", " and ".join(story.refs)),
            ("Audit", f"{audit['id']}, {audit['state']}"),
            ("Overall judgement", audit["overall_judgement"]),
            ("Urgent finding to resolution", "raised, acknowledged, Q&S informed, resolved"),
            ("Response due", day(accepted["due_on"])),
            ("Response adequate on time", accepted["adequate_on_time"]),
            ("Actions verified", len(story.made["actions"])),
            ("Gate of the first child", gate_of(story, 0)["state"]),
            ("Gate of the second child", gate_of(story, 1)["state"]),
            ("Webhooks verified", len(story.receiver.events)),
        ],
    )
