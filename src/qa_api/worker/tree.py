"""A Merkle tree as RFC 6962 and RFC 9162 hash it (section 2.1 of both).

Whoever knows the root of a tree can be shown that an entry is in it by a few hashes beside it, and
nobody can change, add or take out an entry without changing the root.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

EMPTY: Final = sha256().digest()
"""The root of a tree without entries."""
HASH_BYTES: Final = 32


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry, which no inner node can have."""
    return sha256(b"\x00" + entry).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows: it keeps the roots of its whole parts alone, one for each bit of its size.

    So it takes no more room than its root's path, however many entries it has.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        """How many entries there are."""
        self._parts: list[bytes] = []
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        """Add the hash of one more entry."""
        part, waiting = leaf, self.size
        while waiting & 1:
            part = _node_hash(self._parts.pop(), part)
            waiting >>= 1
        self._parts.append(part)
        self.size += 1

    def root(self) -> bytes:
        """The hash over all of it."""
        if not self._parts:
            return EMPTY
        *others, root = self._parts
        for part in reversed(others):
            root = _node_hash(part, root)
        return root


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes beside the way from an entry to the root, the nearest first (RFC 6962 2.1.1).

    `index` counts from 0.
    """
    path = []
    start, end = 0, len(leaves)
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            path.append(Tree(leaves[middle:end]).root())
            end = middle
        else:
            path.append(Tree(leaves[start:middle]).root())
            start = middle
    return path[::-1]


def consistency_path(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """The hashes that show that a tree goes on from that of its first entries (RFC 6962 2.1.2).

    `old` is how many of these there were. Who has the roots of both trees needs no more than this.
    """
    path = []
    start, end, begins = 0, len(leaves), True
    while old < end:
        middle = _middle(start, end)
        if old <= middle:
            path.append(Tree(leaves[middle:end]).root())
            end = middle
        else:
            path.append(Tree(leaves[start:middle]).root())
            start, begins = middle, False
    # The rest of the old tree: all of it, whose root is known, or the part that is still wanting.
    if not begins:
        path.append(Tree(leaves[start:end]).root())
    return path[::-1]


def _middle(start: int, end: int) -> int:
    """Where the left part ends: the largest whole one that leaves something for the right."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a path leads from an entry (RFC 9162 2.1.3.2); None where it leads nowhere.

    `index` counts from 0.
    """
    if not 0 <= index < size:
        return None
    place, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            found = _node_hash(beside, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = _node_hash(found, beside)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


def root_by_consistency(old: int, old_root: bytes, new: int, path: Sequence[bytes]) -> bytes | None:
    """The root of a tree of `new` entries that goes on from one of `old` (RFC 9162 2.1.4.2).

    None where the hashes do not show that it does.
    """
    if old == new:
        return None if path else old_root
    if not 0 < old < new or not path:
        return None
    # A whole tree is a part of the new one as it stands, and its hash is left out of the path.
    first, *further = [old_root, *path] if old & (old - 1) == 0 else path
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = first
    for beside in further:
        if last == 0:
            return None
        if place & 1 or place == last:
            before, after = _node_hash(beside, before), _node_hash(beside, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = _node_hash(after, beside)
        place, last = place >> 1, last >> 1
    return after if before == old_root and last == 0 else None
