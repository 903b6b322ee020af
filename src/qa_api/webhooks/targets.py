"""Where webhooks may go: only what the operator lists (`QA_WEBHOOK_TARGETS`).

A target is `scheme://host` or `scheme://CIDR`, with or without a port; without one, any port.
A listed host may resolve to public addresses only; an address that is not public must itself
be listed. Link-local addresses and those of cloud metadata services are never reached, listed or
not. The rule is asked when an endpoint is registered and again, with the addresses its host has
by then, at every send.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, Self
from urllib.parse import urlsplit

from qa_api.rules.unchanging import Unchanging

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
LONGEST_URL: Final = 1_000
_WRITTEN: Final = "a webhook target is scheme://host-or-CIDR[:port]"

_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
)
_NEVER: Final = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "169.254.0.0/16",  # link-local, and most clouds' metadata
        "100.100.100.200/32",  # metadata
        "192.0.0.192/32",  # metadata
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "::/128",
        "fe80::/10",
        "fd00:ec2::/32",  # metadata
        "ff00::/8",
        # Addresses that carry another one inside, which would have to be judged instead.
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
)


class MalformedTarget(ValueError):
    """An entry of the operator's list that is no target; the message says why."""


class Place(Unchanging):
    """The part of an endpoint's URL that decides whether it may be reached."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self | None:
        """The place a URL names; None unless it is a plain http or https URL of printable ASCII."""
        if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
            return None
        try:
            parts = urlsplit(url)
            port, host = parts.port, (parts.hostname or "").removesuffix(".")
        except ValueError:
            return None
        if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc or "#" in url or "\\" in url:
            return None
        if _address(host) is None and not _NAME.fullmatch(host):
            return None
        return cls(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme])

    @property
    def address(self) -> Address | None:
        """The address that the host is written as, if it is one."""
        return _address(self.host)


class Target(Unchanging):
    """One entry of the operator's list."""

    scheme: str
    host: str | None
    network: Network | None
    port: int | None

    @classmethod
    def read(cls, written: str) -> Self:
        """Read one entry; MalformedTarget when it is none."""
        matched = re.fullmatch(
            r"(https?)://(\[[0-9a-f:.]+\](?:/\d{1,3})?|[^/:\s]+(?:/\d{1,2})?)(?::(\d{1,5}))?",
            written.lower(),
        )
        if matched is None:
            raise MalformedTarget(_WRITTEN)
        scheme, place, port = matched.groups()
        place = place.replace("[", "").replace("]", "")
        number = int(port) if port else None
        if number is not None and not 0 < number < 65_536:
            raise MalformedTarget("a webhook target names no such port")
        if _NAME.fullmatch(place):
            return cls(scheme, place, None, number)
        try:
            return cls(scheme, None, ip_network(place), number)
        except ValueError:
            raise MalformedTarget(_WRITTEN) from None

    def names(self, place: Place) -> bool:
        """Whether this entry is for the scheme and the port of a place."""
        return self.scheme == place.scheme and self.port in (None, place.port)


class Targets(Unchanging):
    """The operator's whole list."""

    listed: tuple[Target, ...]

    @classmethod
    def read(cls, written: Iterable[str]) -> Self:
        """Read the list; MalformedTarget at the first entry that is none."""
        return cls(tuple(Target.read(entry) for entry in written))

    def may_register(self, url: str) -> bool:
        """Whether an endpoint may have this URL, as far as can be told without resolving it."""
        place = Place.of(url)
        if place is None:
            return False
        if (address := place.address) is not None:
            return self.may_reach(place, [address])
        # A name that is not listed may still resolve into a listed network.
        return any(
            target.names(place) and target.host in (None, place.host) for target in self.listed
        )

    def may_reach(self, place: Place, addresses: Sequence[Address]) -> bool:
        """Whether a place may be reached at every one of these addresses."""
        entries = [target for target in self.listed if target.names(place)]
        by_name = any(target.host == place.host for target in entries)
        networks = [target.network for target in entries if target.network is not None]

        def allowed(address: Address) -> bool:
            address = _without_mapping(address)
            if any(address in network for network in _NEVER):
                return False
            return any(address in network for network in networks) or (
                by_name and address.is_global
            )

        return bool(addresses) and all(map(allowed, addresses))


def _without_mapping(address: Address) -> Address:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        return IPv6Address(int(address))  # without a zone
    return address


def _address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
