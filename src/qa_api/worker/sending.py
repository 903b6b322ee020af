"""Sending one delivery over the network, to an address that has just been checked."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import version
from ipaddress import ip_address
from socket import SOCK_STREAM, gaierror
from typing import Final

import httpx

from qa_api import clock
from qa_api.names import names
from qa_api.settings import Settings
from qa_api.webhooks.messages import message
from qa_api.webhooks.outbox import Claimed
from qa_api.webhooks.outcomes import Attempt
from qa_api.webhooks.signing import signed_headers, signing_secrets
from qa_api.webhooks.targets import Address, Place, Targets

_AGENT: Final = f"qa-api/{version('qa-api')}"


class TargetNotAllowed(Exception):
    """The endpoint's host is, or now resolves to, somewhere the operator does not list."""


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that this machine trusts, read once: to read them takes 20 milliseconds."""
    return ssl.create_default_context()


class Sender:
    """Sends deliveries; what can go wrong out there becomes part of the attempt."""

    def __init__(
        self, client: httpx.AsyncClient, targets: Targets, *, base_url: str, timeout_seconds: float
    ) -> None:
        self._client = client
        self._targets = targets
        self._base_url = base_url
        self.timeout_seconds = timeout_seconds
        """How long one receiver may take for everything."""

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["Sender"]:
        """A sender with the settings' targets and time-out."""
        async with httpx.AsyncClient(
            verify=_trusted(),
            follow_redirects=False,
            timeout=settings.webhook_timeout_seconds,
            trust_env=False,  # a proxy would connect to addresses that nobody checked
            # Two hosts at one address must not share a connection made for one of them.
            limits=httpx.Limits(max_keepalive_connections=0),
        ) as client:
            yield cls(
                client,
                Targets.read(settings.webhook_targets),
                base_url=settings.public_base_url,
                timeout_seconds=settings.webhook_timeout_seconds,
            )

    async def send(self, delivery: Claimed) -> Attempt:
        """Send once; the receiver has one time-out for everything."""
        # A receiver takes no message that seems old, so it leaves by the clock that all share.
        now = delivery.claimed_at
        body = message(
            self._base_url,
            event_type=delivery.event_type,
            at=delivery.event_at,
            about=delivery.about_id,
            subject=delivery.subject,
            data=delivery.data,
            worker_reference=delivery.worker_reference,
            team_reference=delivery.team_reference,
            episode_id=delivery.episode_id,
        )
        headers = {
            "content-type": "application/json",
            "x-correlation-id": delivery.correlation_id,
            **signed_headers(
                str(delivery.event_id), now, body, signing_secrets(delivery.secrets, now)
            ),
        }
        return await self._attempt(delivery.url, body, headers, now)

    async def send_note(
        self, url: str, message_id: str, note: str, secrets: Sequence[str], now: datetime
    ) -> Attempt:
        """Send a signed note, which is no event, once; `now` is by the clock that all share."""
        body = note.encode()
        headers = {
            "content-type": "text/plain; charset=utf-8",
            **signed_headers(message_id, now, body, secrets),
        }
        return await self._attempt(url, body, headers, now)

    async def _attempt(
        self, url: str, body: bytes, headers: Mapping[str, str], now: datetime
    ) -> Attempt:
        try:
            async with asyncio.timeout(self.timeout_seconds):
                response = await self._post(url, body, headers)
        except TargetNotAllowed:
            return Attempt(clock.now(), failure="target_not_allowed")
        except (TimeoutError, httpx.TimeoutException):
            return Attempt(clock.now(), failure="timeout")
        except (OSError, httpx.HTTPError, httpx.InvalidURL):
            return Attempt(clock.now(), failure="connection")
        asked = read_retry_after(response.headers.get("retry-after"), now)
        return Attempt(clock.now(), status=response.status_code, retry_after=asked)

    async def _post(self, to: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        url = httpx.URL(to)
        place = Place.of(to)
        if place is None:
            raise TargetNotAllowed
        addresses = await self._addresses(place)
        if not self._targets.may_reach(place, addresses):
            raise TargetNotAllowed
        for last, address in enumerate(addresses, start=1 - len(addresses)):
            try:
                async with self._client.stream(
                    "POST",
                    # The checked address itself: resolving again could give another one.
                    url.copy_with(host=str(address)),
                    content=body,
                    headers={"host": url.netloc.decode(), "user-agent": _AGENT, **headers},
                    extensions={"sni_hostname": place.host},
                ) as response:
                    return response  # its body, however long, is of no interest
            except httpx.ConnectError:
                if last == 0:
                    raise
        raise AssertionError("unreachable")

    async def _addresses(self, place: Place) -> list[Address]:
        """Where a place is now. One that hangs holds up no other: see `names`."""
        if (address := place.address) is not None:
            return [address]
        try:
            found = await names().find(place.host, place.port, 0, SOCK_STREAM, 0, 0)
        except gaierror as unknown:
            raise OSError("the name does not resolve") from unknown
        return list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


def read_retry_after(header: str | None, now: datetime) -> timedelta | None:
    """How long a receiver asks us to wait: seconds or a date (RFC 9110 §10.2.3); else None."""
    if header is None:
        return None
    if re.fullmatch(r"[0-9]{1,8}", header.strip()):
        return timedelta(seconds=int(header))
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
