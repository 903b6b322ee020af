"""What a webhook says: the event's references and a URL. Thin: no free text, no names."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from qa_api.events.addresses import url_of
from qa_api.values.fields import write_instant


def message(
    base_url: str,
    *,
    event_type: str,
    at: datetime,
    about: UUID,
    subject: Mapping[str, str] | None,
    data: Mapping[str, Any],
    episode_id: str | None = None,
    worker_reference: str | None = None,
    team_reference: str | None = None,
) -> bytes:
    """The body, the same at every attempt: a receiver may compare them.

    `subject` is the child or carer household as its case system names it, null where none is
    meant or known; `episode_id` what it calls the episode of a gate. `worker_reference` and
    `team_reference` are what the receiver's case system calls those that the data names, null where
    that is not known; `worker` is that reference too, else our code, and `team` is our code.
    """
    references: dict[str, Any] = {"about": str(about), "subject": subject, **data}
    if "worker" in references:
        references["worker_reference"] = worker_reference
        references["worker"] = worker_reference or references["worker"]
    if "team" in references:
        references["team_reference"] = team_reference
    if subject is not None and episode_id is not None:
        references |= {"ref": subject["ref"], "episode_id": episode_id}
    url = url_of(base_url, event_type, references)
    return orjson.dumps(
        {
            "type": event_type,
            "timestamp": write_instant(at),
            "data": {**references, "url": url},
        }
    )
