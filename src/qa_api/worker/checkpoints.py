"""Checkpoints: what the log looked like at an instant, signed, and kept outside the database.

Each is a note of the form C2SP calls a checkpoint: whose log it is, how many seals it has, the root
of the tree over them, and when that was. After a restore the log is another one (ADR 14), so its
epoch stands in its name. Files begun by an earlier release hold lines of the former form, signed
with a shared secret; they go on to be believed where that secret is given.
"""

import hmac
import io
import os
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Self

import orjson

from qa_api.rules.unchanging import Unchanging
from qa_api.settings import Settings
from qa_api.worker.notes import KeyMalformed, NoteRefused, SignerKey, VerifierKey, open_note
from qa_api.worker.tree import HASH_BYTES

_EPOCH: Final = "/epoch/"
_SEVERAL_NOTES: Final = 16_384
"""Bytes at the end of a file that hold the last note for certain."""
_FORM: Final = re.compile(
    r"(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,17})\n(?P<root>[A-Za-z0-9+/=]+)\n"
    r"time (?P<at>[^\n]+)\n"
)


class CheckpointForged(Exception):
    """The checkpoints cannot be believed; the message names the line and says why."""


class NoCheckpoints(Exception):
    """A file of checkpoints that should be there is not."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"the file of checkpoints {file} is not there: put back a copy, such as the witness's"
        )


class Checkpoint(Unchanging):
    """What the log looked like: how many seals it had, and the root over them."""

    number: int
    """The newest seal; so many there were."""
    hash: str
    """The root of the tree over all seals; of the former form the newest seal's own hash."""
    at: str
    epoch: int = 0
    """How many restores the log has behind it, as far as this file knows."""
    former: bool = False
    """Whether it is of the form of earlier releases."""

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among all that are signed of one log."""
        return self.epoch, self.number


class Loss(Unchanging):
    """What a restore lost: the seals after `kept` up to `lost`, which no dump held."""

    epoch: int
    """The epoch that began with the restore."""
    kept: int
    lost: int


def standing(checkpoints: Sequence[Checkpoint]) -> list[Checkpoint]:
    """Those that the log must agree with: not those of seals that a later line says were lost."""
    found: list[Checkpoint] = []
    for line in checkpoints:
        if found and line.epoch > found[-1].epoch:
            found = [earlier for earlier in found if earlier.number <= line.number]
        found.append(line)
    return found


def losses(checkpoints: Sequence[Checkpoint]) -> list[Loss]:
    """The restores after which the log was shorter than the file had seen it, oldest first."""
    return [
        Loss(line.epoch, line.number, before.number)
        for before, line in pairwise(checkpoints)
        if line.epoch > before.epoch and line.number < before.number
    ]


class Keys(Unchanging):
    """The keys whose checkpoints are trusted, and the key with which this process signs, if any."""

    verifiers: tuple[VerifierKey, ...]
    signer: SignerKey | None = None
    former_secret: bytes | None = None
    """Of the lines of the former form."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The keys that the settings name. Raises KeyMalformed."""
        signer = None
        if settings.checkpoint_key is not None:
            with _of_setting("QA_CHECKPOINT_KEY"):
                signer = SignerKey.parse(settings.checkpoint_key.get_secret_value())
        with _of_setting("QA_CHECKPOINT_PUBLIC_KEYS"):
            others = [VerifierKey.parse(key) for key in settings.checkpoint_public_keys]
        verifiers = tuple(dict.fromkeys([*([signer.verifier] if signer else []), *others]))
        if len({key.name for key in verifiers}) > 1:
            raise KeyMalformed("the keys of checkpoints must all bear the name of the one log")
        secret = settings.checkpoint_secret
        return cls(verifiers, signer, secret.get_secret_value().encode() if secret else None)

    def note(self, checkpoint: Checkpoint) -> str:
        """The checkpoint, signed."""
        if self.signer is None:
            raise KeyMalformed("QA_CHECKPOINT_KEY is not set: nothing can be signed")
        name = self.signer.name
        origin = f"{name}{_EPOCH}{checkpoint.epoch}" if checkpoint.epoch else name
        root = b64encode(bytes.fromhex(checkpoint.hash)).decode()
        return self.signer.sign(f"{origin}\n{checkpoint.number}\n{root}\ntime {checkpoint.at}\n")

    def read_note(self, note: str) -> Checkpoint:
        """A checkpoint of our log that one of the keys has signed. Raises NoteRefused."""
        said = _FORM.fullmatch(open_note(note, self.verifiers))
        if said is None:
            raise NoteRefused("it is signed, but no checkpoint with a time")
        name, _, epoch = said["origin"].partition(_EPOCH)
        if name != self.verifiers[0].name or not re.fullmatch(r"[1-9][0-9]{0,8}|", epoch):
            raise NoteRefused(f"it is of another log than {self.verifiers[0].name}")
        try:
            root = b64decode(said["root"], validate=True)
            datetime.fromisoformat(said["at"])
        except (NotBase64, ValueError):
            root = b""
        if len(root) != HASH_BYTES:
            raise NoteRefused("its root or its time cannot be read")
        return Checkpoint(int(said["size"]), root.hex(), said["at"], int(epoch or 0))

    def read_former(self, line: str) -> Checkpoint:
        """A line of the former form. Raises NoteRefused."""
        if self.former_secret is None:
            raise NoteRefused("it is of the former form, and QA_CHECKPOINT_SECRET is not set")
        try:
            said = orjson.loads(line)
            signature = said.pop("signature")
            told = {"epoch": 0, **said}  # the oldest lines say no epoch
            found = Checkpoint(told["number"], told["hash"], told["at"], told["epoch"], former=True)
        except (ValueError, TypeError, KeyError, AttributeError) as unreadable:
            raise NoteRefused("it cannot be read") from unreadable
        if not hmac.compare_digest(str(signature), former_signature(self.former_secret, said)):
            raise NoteRefused("it is not signed with QA_CHECKPOINT_SECRET")
        return found


def former_signature(secret: bytes, said: Mapping[str, Any]) -> str:
    """How earlier releases signed a line."""
    return hmac.new(
        secret, orjson.dumps(dict(said), option=orjson.OPT_SORT_KEYS), sha256
    ).hexdigest()


class Checkpoints:
    """A file of signed checkpoints, oldest first; kept where the database's owner cannot write."""

    def __init__(self, file: Path, keys: Keys) -> None:
        self.file = file
        self.keys = keys

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The checkpoints that the settings name, if they do. Raises KeyMalformed."""
        if settings.checkpoint_file is None:
            return None
        return cls(settings.checkpoint_file, Keys.of(settings))

    def read(self) -> list[Checkpoint]:
        """All of them, oldest first; none where there is no file. Raises CheckpointForged."""
        content = self.file.read_bytes() if self.file.exists() else b""
        return [
            self._opened(note, f"the checkpoint of line {line}") for line, note in _notes(content)
        ]

    def read_expected(self) -> list[Checkpoint]:
        """The same, of a file that must be there. Raises NoCheckpoints, CheckpointForged."""
        if not self.file.is_file():
            raise NoCheckpoints(self.file)
        return self.read()

    def newest(self) -> Checkpoint | None:
        """The last of them, however long the file is. Raises CheckpointForged."""
        note = self._last()
        return self._opened(note, "the newest checkpoint") if note else None

    def newest_note(self) -> str | None:
        """The same as it was signed, where it is of the form of today."""
        note = self._last()
        return None if note is None or note.startswith("{") else note

    def append(self, checkpoint: Checkpoint) -> None:
        """Add one, signed, and see that it is on the disk."""
        note = self.keys.note(checkpoint)
        begun = self.file.exists() and self.file.stat().st_size > 0
        with self.file.open("ab") as file:
            # In one piece: whoever reads meanwhile finds all of it or nothing.
            file.write(("\n" if begun else "").encode() + note.encode())
            file.flush()
            os.fsync(file.fileno())

    def _last(self) -> str | None:
        if not self.file.exists():
            return None
        with self.file.open("rb") as file:
            file.seek(max(0, self.file.stat().st_size - _SEVERAL_NOTES))
            notes = [note for _, note in _notes(file.read())]
        return notes[-1] if notes else None

    def _opened(self, note: str, what: str) -> Checkpoint:
        try:
            former = note.startswith("{")
            return self.keys.read_former(note) if former else self.keys.read_note(note)
        except NoteRefused as refused:
            raise CheckpointForged(f"{what}: {refused}") from None


def reconciled(files: Sequence[Checkpoints]) -> list[Checkpoint]:
    """What several copies of the file hold together, oldest first; the first is our own.

    Each must be there. Raises NoCheckpoints, and CheckpointForged also where another copy goes on
    after the end of ours: ours was cut.
    """
    read = [file.read_expected() for file in files]
    ours = max((one.place for one in read[0]), default=(0, 0)) if read else (0, 0)
    for file, known in zip(files[1:], read[1:], strict=True):
        theirs = max((one.place for one in known), default=(0, 0))
        if theirs > ours:
            raise CheckpointForged(
                f"{files[0].file} was cut: it ends at seal {ours[1]}, and {file.file} goes on to"
                f" seal {theirs[1]}"
            )
    together = dict.fromkeys(one for known in read for one in known)
    return sorted(together, key=attrgetter("place"))


def _notes(content: bytes) -> Iterator[tuple[int, str]]:
    """Each note or line of the former form, with the number of its first line."""
    note: list[str] = []
    begun, signed = 1, False
    lines = io.StringIO(content.decode("utf-8", errors="replace"), newline="\n")
    for number, each in enumerate(lines, start=1):
        if not note:
            if each == "\n":
                continue
            begun = number
        note.append(each)
        if note[0].startswith("{"):
            yield begun, note.pop()
            continue
        signed = signed or each == "\n"
        # A note ends with the last line of its signatures: an empty line, or the file's end.
        if signed and each == "\n" and len(note) > 1 and note[-2].startswith("\N{EM DASH}"):
            yield begun, "".join(note[:-1])
            note, signed = [], False
    if note:
        yield begun, "".join(note)


@contextmanager
def _of_setting(name: str) -> Iterator[None]:
    """Says of which setting a malformed key is."""
    try:
        yield
    except KeyMalformed as malformed:
        raise KeyMalformed(f"{name}: {malformed}") from None
