"""Checking proofs by an implementation of the tree that is none of ours."""

from collections.abc import Sequence

from pymerkle.core import _consistency_path_layout, _inclusion_path_layout
from pymerkle.proof import ConsistencyProof, InclusionProof, InvalidProof


def holds(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the hashes lead from a leaf, counted from 0, to the root of a tree of that size."""
    rule, _ = _inclusion_path_layout(index + 1, size)
    proof = InclusionProof("sha256", True, size, index + 1, rule, [leaf, *path])
    try:
        proof.verify(leaf, root, index=index + 1, size=size, algorithm="sha256")
    except InvalidProof:
        return False
    return True


def goes_on(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the hashes show that the tree of `new` entries only adds to that of `old`.

    The other implementation goes down to single entries, and begins with what was added. So the
    largest parts that the old tree has whole, all of one size, are taken for entries here: a tree
    of entries and one of such parts are the same tree. RFC 6962 leaves out a hash that is the old
    root; the other wants it.
    """
    if old == new:
        return not path and old_root == new_root
    part = old & -old
    path = [old_root, *path] if part == old else list(path)
    path[:2] = path[1::-1]
    sizes = {"prior_size": old // part, "size": -(-new // part)}
    rule, subset, _ = _consistency_path_layout(*sizes.values())
    proof = ConsistencyProof("sha256", True, rule=rule, subset=subset, path=path, **sizes)
    try:
        proof.verify(old_root, new_root, algorithm="sha256")
    except InvalidProof:
        return False
    return True
