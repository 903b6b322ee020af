"""The events of the configuration: directory, catalogue, policy, calendar, endpoints."""

from datetime import date, datetime
from uuid import UUID

from qa_api.events.event import Event


class ConfigurationChanged(Event):
    """An administrator changed the directory, catalogue, policy or calendar."""

    type = "configuration.changed"

    what: str
    code: str


class RightsChangeMoved(Event):
    """A change of somebody's rights was proposed, confirmed or refused, or ended their access.

    Or whom somebody reaches was changed at once, and no right of theirs.
    """

    type = "rights_change.moved"

    what: str
    """`principal` or `role_assignment`; or what else was changed, like `team` or `policy`."""
    target_id: UUID
    """Which one; of what is known by its code the `about` of what was told of its change."""
    state: str


class CommandRun(Event):
    """Something was brought in by a command, which asks for no second person."""

    type = "command.run"

    command: str
    account: str
    """The account of the operating system under which it was run."""


class ReferencesChanged(Event):
    """A case system's names for some workers or teams have changed: cases may move."""

    type = "references.changed"

    what: str
    """`worker` or `team`."""
    codes: tuple[str, ...]
    """Whose cases may be others' now."""


class CalendarChanged(Event):
    """The working calendar has a new version: clocks are counted again (R4.2.4).

    `days` are those that it withdrew as bank holidays, or that are bank holidays again.
    """

    type = "calendar.changed"

    calendar_version: int
    days: tuple[date, ...] = ()


class EndpointParked(Event):
    """A receiver answered 410: its deliveries wait."""

    type = "webhook_endpoint.parked"


class DeliverySettled(Event):
    """An event is no longer sent to an endpoint, though nobody took it. `about` is the delivery."""

    type = "webhook_delivery.settled"

    state: str
    """`refused`, `parked`, `skipped` or `told_by_hand`."""
    event_id: UUID
    """The event that it carries."""
    endpoint_id: UUID


class DeliveryHastened(Event):
    """A person asked for it to be sent now. `about` is the delivery."""

    type = "webhook_delivery.hastened"


class DeliveryReplayed(Event):
    """A person asked for it to be sent once more. `about` is the delivery before."""

    type = "webhook_delivery.replayed"

    delivery_id: UUID
    """The new delivery."""


class EndpointReplayed(Event):
    """Somebody asked for what an endpoint was sent to be sent once more. `about` is the endpoint.

    Of the messages that stopped waiting from `since` and before `until`.
    """

    type = "webhook_endpoint.replayed"

    since: datetime
    until: datetime
    event_type: str | None
    """Only messages of this type; null: of all."""
    messages: int
    """How many are sent once more."""


class EndpointTested(Event):
    """A test of a webhook endpoint."""

    type = "webhook_endpoint.test"
    sent = True
