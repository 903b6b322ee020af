"""Advisory locks by which the events of one episode, and those about one reference, take turns."""

from hashlib import blake2b


def turn_of_ref(system: str, ref: str) -> int:
    """The advisory lock for everything that a case system says of one reference."""
    return turn_of(f"{system}/ref/{ref}")


def turn_of(name: str) -> int:
    """The number of a lock by its name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
