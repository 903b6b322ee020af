"""The tree is that of RFC 6962, as an implementation that is none of ours makes it."""

from hashlib import sha256
from typing import Any

import pytest
from pymerkle import InmemoryTree

from qa_api.worker.tree import (
    EMPTY,
    Tree,
    consistency_path,
    inclusion_path,
    leaf_hash,
    root_by_consistency,
    root_by_inclusion,
)
from tests.worker.proofs import goes_on, holds

ENTRIES = [sha256(bytes([number])).digest() for number in range(70)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


@pytest.fixture(scope="module")
def other() -> Any:
    tree = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES:
        tree.append_entry(entry)
    return tree


def test_each_size_has_the_root_that_the_other_has(other: Any) -> None:
    tree = Tree()
    assert tree.root() == EMPTY == sha256(b"").digest()
    for size, leaf in enumerate(LEAVES, start=1):
        tree.append(leaf)
        assert (tree.size, tree.root()) == (size, other.get_root(size))
        assert Tree(LEAVES[:size]).root() == tree.root()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33, 64, 70])
def test_the_other_takes_each_proof_and_none_of_another_entry(size: int, other: Any) -> None:
    root = other.get_root(size)
    for index in range(size):
        path = inclusion_path(LEAVES[:size], index)
        assert path == other.prove_inclusion(index + 1, size).path[1:]
        assert holds(LEAVES[index], index, size, path, root)
        assert not holds(leaf_hash(b"another"), index, size, path, root)
        assert not holds(LEAVES[index], index, size, path, leaf_hash(b"another root"))
        if size > 1:
            assert not holds(LEAVES[index], (index + 1) % size, size, path, root)
            assert not holds(LEAVES[index], index, size, path[:-1], root)


@pytest.mark.long
def test_the_other_takes_each_proof_of_growth_and_none_where_something_else_came_before(
    other: Any,
) -> None:
    wrong = leaf_hash(b"another")
    for new in range(1, len(LEAVES) + 1):
        for old in range(1, new + 1):
            path = consistency_path(LEAVES[:new], old)
            roots = other.get_root(old), other.get_root(new)
            assert goes_on(old, roots[0], new, roots[1], path), (old, new)
            assert not goes_on(old, wrong, new, roots[1], path)
            assert not goes_on(old, roots[0], new, wrong, path)
            assert not goes_on(old, roots[0], new, roots[1], [*path, wrong])
            for place in range(len(path)):
                changed = [*path[:place], wrong, *path[place + 1 :]]
                assert not goes_on(old, roots[0], new, roots[1], changed)


def test_a_proof_is_checked_here_as_the_other_checks_it(other: Any) -> None:
    wrong = leaf_hash(b"another")
    for size in range(1, 40):
        root = other.get_root(size)
        for index in range(size):
            path = inclusion_path(LEAVES[:size], index)
            for tried in (path, path[:-1], [*path, wrong], [wrong, *path[1:]]):
                found = root_by_inclusion(LEAVES[index], index, size, tried)
                assert (found == root) is holds(LEAVES[index], index, size, tried, root)
            assert root_by_inclusion(wrong, index, size, path) != root
        assert root_by_inclusion(LEAVES[0], size, size, []) is None


def test_a_proof_of_growth_is_checked_here_as_the_other_checks_it(other: Any) -> None:
    wrong = leaf_hash(b"another")
    for new in range(1, 40):
        root = other.get_root(new)
        for old in range(1, new + 1):
            before, path = other.get_root(old), consistency_path(LEAVES[:new], old)
            changed = [[*path[:at], wrong, *path[at + 1 :]] for at in range(len(path))]
            for tried in (path, path[:-1], [*path, wrong], *changed):
                found = root_by_consistency(old, before, new, tried)
                assert (found == root) is goes_on(old, before, new, root, tried), (old, new)
            assert root_by_consistency(old, wrong, new, path) != root
        assert root_by_consistency(new + 1, root, new, []) is None
        assert root_by_consistency(0, EMPTY, new, []) is None


@pytest.mark.long
def test_a_log_that_was_made_anew_has_no_proof_that_it_grew() -> None:
    for new in range(2, 40):
        for old in range(1, new):
            before = Tree(LEAVES[:old]).root()
            for changed in range(old):
                again = [*LEAVES[:new]]
                again[changed] = leaf_hash(b"another")
                path = consistency_path(again, old)
                assert not goes_on(old, before, new, Tree(again).root(), path)
