"""Who may see what: every read of the contract, asked by everybody, against the written table.

Each answer is looked through for ids, for references of children and for texts, so that what one
operation hides no other shows. `./dev drill matrix` asks of every row; the suite asks a share.
"""

from qa_api.auth.matrix import THINGS
from tests.matrix.walk import OTHERWISE_LISTED, Walk


def test_everybody_is_listed_exactly_what_the_table_shows_them(walk: Walk) -> None:
    for name in walk.people:
        for thing in THINGS:
            for operation in thing.listed:
                if operation not in OTHERWISE_LISTED:
                    walk.list_of(name, operation, thing)
    assert walk.wrong == []
    assert walk.answered > 300


def test_a_document_is_shown_or_is_as_if_it_did_not_exist(walk: Walk) -> None:
    for name, asked in walk.by_operation():
        walk.read(name, asked)
    assert walk.wrong == []
    assert walk.answered > 150


def test_what_is_computed_or_listed_of_another_shows_no_more(walk: Walk) -> None:
    for name in walk.people:
        for operation, path, accepted in walk.others():
            walk.ask(name, operation, path, accepted)
    assert walk.wrong == []
    assert walk.answered > 150
