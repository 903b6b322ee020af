"""Checkpoints are notes that anyone can check, and nobody can make without the key."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import SecretStr

from qa_api.settings import Settings
from qa_api.worker.checkpoints import (
    Checkpoint,
    CheckpointForged,
    Checkpoints,
    Keys,
    Loss,
    NoCheckpoints,
    losses,
    reconciled,
    standing,
)
from qa_api.worker.notes import KeyMalformed, NoteRefused, SignerKey, VerifierKey, open_note

# Of the documentation of golang.org/x/mod/sumdb/note: how other programs write keys and notes.
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NOTE = (
    f"{TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd"
    "ngotpRZb6KE6RyyBwJnAM=\n"
)
NAME = "qa.example.org/log"
KEY = SignerKey.new(NAME)
KEYS = Keys((KEY.verifier,), KEY)
AT = "2026-11-23T09:30:00+00:00"


def checkpoint(number: int, epoch: int = 0) -> Checkpoint:
    return Checkpoint(number, sha256(f"{number}".encode()).hexdigest(), AT, epoch)


@pytest.fixture
def file(tmp_path: Path) -> Checkpoints:
    """Three checkpoints, the last after a restore that lost some seals."""
    made = Checkpoints(tmp_path / "checkpoints.txt", KEYS)
    for each in (checkpoint(5), checkpoint(9), checkpoint(7, epoch=1)):
        made.append(each)
    return made


def test_keys_and_notes_are_what_other_programs_read_and_write() -> None:
    key = SignerKey.parse(PRIVATE)
    assert str(key.verifier) == PUBLIC
    assert key.written() == PRIVATE
    assert key.sign(TEXT) == NOTE
    assert open_note(NOTE, [VerifierKey.parse(PUBLIC)]) == TEXT


def test_a_checkpoint_has_origin_size_and_root_as_c2sp_says(file: Checkpoints) -> None:
    first, _, last = file.file.read_text().split("\n\n—")[0], "", file.read()[-1]
    assert first.split("\n")[:2] == [NAME, "5"]
    assert last == checkpoint(7, epoch=1)
    assert file.newest_note() == KEYS.note(last)
    assert f"{NAME}/epoch/1\n7\n" in file.file.read_text()
    assert losses(file.read()) == [Loss(epoch=1, kept=7, lost=9)]
    assert standing(file.read()) == [checkpoint(5), checkpoint(7, epoch=1)]


def test_the_newest_is_the_files_last_however_long_it_is(file: Checkpoints) -> None:
    for number in range(10, 100):
        file.append(checkpoint(number, epoch=1))
        assert file.newest() == checkpoint(number, epoch=1)
    assert file.newest() == file.read()[-1]
    assert file.newest_note() == KEYS.note(checkpoint(99, epoch=1))
    content = file.file.read_bytes()
    for cut in (1, 20, 150):
        file.file.write_bytes(content[:-cut])
        with pytest.raises(CheckpointForged, match="the newest checkpoint: it is cut off"):
            file.newest()
    file.file.write_bytes(b"")
    assert (file.newest(), file.newest_note(), file.read()) == (None, None, [])
    file.file.unlink()
    assert (file.newest(), file.newest_note(), file.read()) == (None, None, [])
    with pytest.raises(NoCheckpoints, match="is not there"):
        file.read_expected()


def test_what_a_former_key_signed_is_believed_as_long_as_its_public_half_is_given(
    file: Checkpoints,
) -> None:
    new = SignerKey.new(NAME)
    rotated = Keys((new.verifier, KEY.verifier), new)
    Checkpoints(file.file, rotated).append(checkpoint(12, epoch=1))
    assert len(Checkpoints(file.file, rotated).read()) == 4
    with pytest.raises(CheckpointForged, match="line 1: no key that is trusted here"):
        Checkpoints(file.file, Keys((new.verifier,), new)).read()


def of_another_log(text: str) -> str:
    other = SignerKey.new("other.example.org/log")
    return text + "\n" + Keys((other.verifier,), other).note(checkpoint(9))


def of_another_origin(text: str) -> str:
    return text + "\n" + KEY.sign("other.example.org/log\n9\nAAAA\ntime now\n")


Change = Callable[[str], str]


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (lambda text: text[:-1], 15, "it is cut off"),
        (lambda text: text[:-30], 15, "it is cut off"),
        (lambda text: text.partition("\n\n")[0], 1, "it is cut off"),
        (lambda text: text.partition("—")[0], 1, "it is cut off"),
        (lambda text: "".join(text.splitlines(True)[:9]), 8, "it is cut off"),
        (lambda text: text.replace("\n9\n", "\n8\n"), 8, "not over this text"),
        (lambda text: text.replace("09:30", "10:30", 1), 1, "not over this text"),
        (lambda text: text.replace("— qa", "- qa", 1), 1, "not over this text"),
        (lambda text: text + "— x\n", 15, "a line of its signatures"),
        (of_another_log, 22, "no key that is trusted"),
        (of_another_origin, 22, f"it is of another log than {NAME}"),
        (lambda text: text + "\n" + KEY.sign("my\nown\nwords\n"), 22, "no checkpoint with a time"),
        (lambda text: text + '\n{"number": 3}\n', 22, "QA_CHECKPOINT_SECRET is not set"),
        (lambda text: "\udcff\n" + text, 1, "not over this text"),
        (lambda _: "not a checkpoint\n", 1, "it is cut off"),
    ],
)
def test_a_file_that_cannot_be_believed_is_refused_with_its_line(
    file: Checkpoints, change: Change, line: int, said: str
) -> None:
    text = change(file.file.read_text())
    file.file.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    with pytest.raises(CheckpointForged, match=f"the checkpoint of line {line}: .*{said}"):
        file.read()


def test_a_false_signature_of_a_trusted_key_is_none_of_a_strangers() -> None:
    false = NOTE.replace("x08go/ZJ", "x08go/ZK")
    stranger = SignerKey.new("PeterNeumann")
    beside = NOTE + stranger.sign(TEXT).rpartition("\n\n")[2]
    assert open_note(beside, [VerifierKey.parse(PUBLIC)]) == TEXT
    for note in (false, beside.replace("x08go/ZJ", "x08go/ZK")):
        with pytest.raises(NoteRefused, match="not over this text"):
            open_note(note, [VerifierKey.parse(PUBLIC), stranger.verifier])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "does not begin with PRIVATE"),
        (PUBLIC, "does not begin with PRIVATE"),
        (PRIVATE[:-4], "is not of the form"),
        (PRIVATE.replace("AYEK", "AZEK"), "a letter is wrong"),
        (PRIVATE.replace("c74f", "c74e"), "a letter is wrong"),
        (PRIVATE.replace("+AYEK", "+BYEK"), "is not of the form"),
        ("PRIVATE+KEY+x", "is not of the form"),
        ("PRIVATE+KEY++c74f20a3+AYEK", "is not of the form"),
    ],
)
def test_a_malformed_key_is_refused_and_not_repeated(written: str, said: str) -> None:
    settings = Settings(checkpoint_key=SecretStr(written or " "), checkpoint_file=Path("x"))
    with pytest.raises(KeyMalformed, match=f"QA_CHECKPOINT_KEY: .*{said}") as malformed:
        Checkpoints.of(settings)
    assert "AYEK" not in str(malformed.value)


def test_public_keys_are_all_of_one_log() -> None:
    other = SignerKey.new("other.example.org/log").verifier
    settings = Settings(checkpoint_public_keys=[str(other), str(KEY.verifier)])
    with pytest.raises(KeyMalformed, match="the name of the one log"):
        Keys.of(settings)
    with pytest.raises(KeyMalformed, match=r"QA_CHECKPOINT_PUBLIC_KEYS: .*not of the form"):
        Keys.of(Settings(checkpoint_public_keys=["no key"]))
    for name in ("", "a b", "a+b", "ä", "x" * 201):
        with pytest.raises(KeyMalformed, match="a name has no spaces and no plus"):
            SignerKey.new(name)


def test_a_file_that_ends_before_the_witnesss_copy_does_was_cut(
    file: Checkpoints, tmp_path: Path
) -> None:
    copy = Checkpoints(tmp_path / "witness.txt", KEYS)
    copy.file.write_bytes(file.file.read_bytes())
    both = [checkpoint(5), checkpoint(9), checkpoint(7, epoch=1)]
    assert reconciled([file, copy]) == both
    copy.append(checkpoint(8, epoch=1))
    with pytest.raises(CheckpointForged, match=r"was cut: it ends at seal 7, and .* seal 8"):
        reconciled([file, copy])
    assert reconciled([copy, file]) == [*both, checkpoint(8, epoch=1)]
    file.file.unlink()
    with pytest.raises(NoCheckpoints):
        reconciled([file, copy])
    assert reconciled([]) == []
