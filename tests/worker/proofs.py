"""Checking an inclusion proof by an implementation of the tree that is none of ours."""

from collections.abc import Sequence

from pymerkle.core import _inclusion_path_layout
from pymerkle.proof import InclusionProof, InvalidProof


def holds(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the hashes lead from a leaf, counted from 0, to the root of a tree of that size."""
    rule, _ = _inclusion_path_layout(index + 1, size)
    proof = InclusionProof("sha256", True, size, index + 1, rule, [leaf, *path])
    try:
        proof.verify(leaf, root, index=index + 1, size=size, algorithm="sha256")
    except InvalidProof:
        return False
    return True
