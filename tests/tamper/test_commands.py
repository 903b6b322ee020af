"""What operators and witnesses see: `verify`, `prove`, `checkpoint-key` on the command line."""

import asyncio
import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from qa_api.__main__ import main
from qa_api.auth.development import DevelopmentIssuer
from qa_api.worker.checkpoints import Checkpoint, Checkpoints
from qa_api.worker.notes import SignerKey
from qa_api.worker.verifying import SIGNED_WITHIN, Whole, verify_log
from tests.conftest import Database, settings_for
from tests.tamper.logs import HAPPENED, KEY, KEYS, lived_through
from tests.test_main import environment_of

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def database(clone: Callable[[], Database]) -> Database:
    """One that these tests have for themselves."""
    return clone()


@pytest.fixture(scope="module")
def signed(
    database: Database,
    issuer: DevelopmentIssuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The file of the checkpoints of both logs."""
    directory = tmp_path_factory.mktemp("signed")
    settings = settings_for(database, issuer)
    return asyncio.run(lived_through(settings, database.migrate_url, directory)).file


@pytest.fixture
def run(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """A command with these `QA_CHECKPOINT_*` variables; its status and all that it says."""

    def act(*words: object, **variables: object) -> tuple[int, str]:
        capsys.readouterr()
        given = {f"QA_CHECKPOINT_{name}": str(value) for name, value in variables.items()}
        with monkeypatch.context() as here:
            for name, value in (environment_of(database) | given).items():
                here.setenv(name, value)
            status = main([str(word) for word in words])
        said = capsys.readouterr()
        return status, said.out + said.err

    return act


def test_a_key_is_made_once_for_its_owner_and_its_public_half_is_told(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    status, said = run("checkpoint-key", "qa.example.org/log", "--out", file)
    key = SignerKey.parse(file.read_text())
    assert (status, said.strip()) == (0, str(key.verifier))
    assert file.stat().st_mode & 0o777 == 0o600
    written = file.read_text()
    status, said = run("checkpoint-key", "qa.example.org/log", "--out", file)
    assert (status, "is there already" in said) == (1, True)
    assert file.read_text() == written
    for name, out, why in (
        ("two words", tmp_path / "x", "no spaces and no plus"),
        ("a", tmp_path / "none" / "x", "cannot be written: No such file"),
    ):
        status, said = run("checkpoint-key", name, "--out", out)
        assert (status, why in said) == (1, True), said
    assert not (tmp_path / "x").exists()


def test_a_witness_checks_with_its_copy_and_the_public_key_alone(
    run: Run, signed: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "witness.txt"
    copy.write_bytes(signed.read_bytes())
    status, said = run("verify", "--checkpoints", copy, PUBLIC_KEYS=KEY.verifier)
    assert status == 0, said
    assert re.search(r"the event log holds: [1-9][0-9]* seals, against its checkpoints", said)
    assert re.search(r"the access log holds: [1-9][0-9]* lines behind seals", said)
    both = {"PUBLIC_KEYS": KEY.verifier, "FILE": signed}
    assert run("verify", "--checkpoints", copy, **both)[0] == 0
    assert run("verify", **both)[0] == 0


@pytest.mark.parametrize(
    ("words", "variables", "why"),
    [
        ("verify", {"FILE": "none", "PUBLIC_KEYS": KEY.verifier}, "none is not there: put back"),
        ("verify --checkpoints none", {"PUBLIC_KEYS": KEY.verifier}, "none is not there"),
        ("verify --checkpoints COPY", {}, "QA_CHECKPOINT_PUBLIC_KEYS is not set"),
        ("verify --checkpoints COPY", {"PUBLIC_KEYS": "x"}, "QA_CHECKPOINT_PUBLIC_KEYS: it is not"),
        ("verify", {"FILE": "COPY"}, "QA_CHECKPOINT_FILE needs QA_CHECKPOINT_KEY"),
        ("verify", {"FILE": "COPY", "KEY": "sesame"}, "QA_CHECKPOINT_KEY: it does not begin with"),
        ("verify", {"FILE": "COPY", "KEY": "OTHER"}, "line 1: no key that is trusted here"),
        ("worker", {"FILE": "COPY", "KEY": "sesame"}, "the settings are not right: QA_CHECKPOINT"),
        ("restored", {"FILE": "COPY", "PUBLIC_KEYS": KEY.verifier}, "QA_CHECKPOINT_KEY is not set"),
        ("prove EVENT", {}, "QA_CHECKPOINT_FILE is not set"),
        ("prove EVENT", {"FILE": "none", "PUBLIC_KEYS": KEY.verifier}, "none is not there"),
        ("prove 0192f0c4-7e20-7a44-b1c9-3d7e5f9a1b2c", {"FILE": "COPY"}, "needs QA_CHECKPOINT_KEY"),
        (
            "prove 0192f0c4-7e20-7a44-b1c9-3d7e5f9a1b2c",
            {"FILE": "COPY", "PUBLIC_KEYS": KEY.verifier},
            "there is no event 0192f0c4",
        ),
        ("prove UNSEALED", {"FILE": "COPY", "PUBLIC_KEYS": KEY.verifier}, "is not sealed yet"),
        (
            "prove --access 0192f0c4-7e20-7a44-b1c9-3d7e5f9a1b2c",
            {"FILE": "COPY", "PUBLIC_KEYS": KEY.verifier},
            "there is no line 0192f0c4",
        ),
        ("prove --since 9999", {"FILE": "COPY", "PUBLIC_KEYS": KEY.verifier}, "9999 are more"),
    ],
)
def test_what_is_not_right_is_said_in_a_line_with_status_1(
    words: str,
    variables: dict[str, object],
    why: str,
    run: Run,
    signed: Path,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("COPY").write_bytes(signed.read_bytes())
    known = {
        "EVENT": "SELECT event_id FROM event_seals WHERE number = 1",
        "UNSEALED": f"{HAPPENED} RETURNING id",
    }
    asked = [str(value(database, known[word])) if word in known else word for word in words.split()]
    other = SignerKey.new(KEY.name).written()
    given = {name: other if one == "OTHER" else one for name, one in variables.items()}
    status, said = run(*asked, **given)
    assert (status, why in said) == (1, True), said
    assert "Traceback" not in said
    assert "sesame" not in said


def cut_to(signed: Path, notes: int, into: Path) -> Path:
    """The file cut off behind a whole checkpoint."""
    kept = re.split(r"\n\n(?=qa\.)", signed.read_text())[:notes]
    into.write_text("\n\n".join(kept) + ("\n" if kept else ""))
    return into


def test_a_file_that_holds_no_checkpoint_of_a_log_with_seals_is_a_fault(
    run: Run, signed: Path, tmp_path: Path
) -> None:
    empty = cut_to(signed, 0, tmp_path / "empty.txt")
    status, said = run("verify", FILE=empty, PUBLIC_KEYS=KEY.verifier)
    assert (status, "holds none, and the log has" in said) == (1, True), said
    both = {"FILE": signed, "PUBLIC_KEYS": KEY.verifier}
    status, said = run("verify", "--checkpoints", empty, **both)
    assert (status, "holds none" in said) == (1, True), said


def test_a_log_without_seals_needs_no_checkpoint(
    clone: Callable[[], Database], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (empty := tmp_path / "empty.txt").touch()
    given = {"QA_CHECKPOINT_FILE": str(empty), "QA_CHECKPOINT_PUBLIC_KEYS": str(KEY.verifier)}
    made = clone()
    for name, value in (environment_of(made) | given).items():
        monkeypatch.setenv(name, value)
    assert main(["verify"]) == 0


def test_a_file_cut_behind_a_whole_checkpoint_is_said_and_after_an_hour_a_fault(
    run: Run, signed: Path, tmp_path: Path, database: Database
) -> None:
    cut = cut_to(signed, 5, tmp_path / "cut.txt")
    status, said = run("verify", FILE=cut, PUBLIC_KEYS=KEY.verifier)
    assert status == 0, said
    assert re.search(r"[1-9][0-9]* seals are newer than the newest checkpoint, 20", said)
    newest = Checkpoints(cut, KEYS).newest()
    assert newest is not None
    whole = asyncio.run(held(database, [newest]))
    assert whole.unsigned(newest) is None
    assert whole.newest_at is not None
    older = whole.newest_at - SIGNED_WITHIN
    assert whole.unsigned(replace(newest, at=older.isoformat())) is None
    older -= timedelta(seconds=1)
    assert "was cut" in str(whole.unsigned(replace(newest, at=older.isoformat())))
    cut.write_text(KEYS.note(replace(newest, at=older.isoformat())))
    status, said = run("verify", FILE=cut, PUBLIC_KEYS=KEY.verifier)
    assert (status, "the file was cut, or nobody signs" in said) == (1, True), said


async def held(database: Database, known: list[Checkpoint]) -> Whole:
    reader = await asyncpg.connect(database.read_url)
    try:
        return await verify_log(reader, known)
    finally:
        await reader.close()


def test_what_waits_for_its_seal_is_said_and_after_a_quarter_of_an_hour_a_fault(
    clone: Callable[[], Database],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = clone()
    for name, variable in environment_of(made).items():
        monkeypatch.setenv(name, variable)
    value_of = HAPPENED + " RETURNING id"
    value(made, value_of)
    assert main(["verify"]) == 0
    assert "1 events and lines are in no seal yet" in capsys.readouterr().out
    value(made, value_of.replace("clock_timestamp()", "now() - interval '16 minutes'"))
    assert main(["verify"]) == 1
    assert "2 events and lines are in no seal, the oldest since" in capsys.readouterr().err


def test_a_proof_is_printed_and_nothing_else(run: Run, signed: Path, database: Database) -> None:
    event_id = value(database, "SELECT event_id FROM event_seals WHERE number = 1")
    status, said = run("prove", event_id, FILE=signed, PUBLIC_KEYS=KEY.verifier)
    assert status == 0, said
    assert said.startswith("c2sp.org/tlog-proof@v1\nextra ")
    assert said.endswith(signed.read_text()[signed.read_text().rindex(f"{KEY.name}\n") :])


def test_a_look_and_that_the_log_only_grew_are_proved_by_the_same_command(
    run: Run, signed: Path, database: Database
) -> None:
    given = {"FILE": signed, "PUBLIC_KEYS": KEY.verifier}
    newest = signed.read_text()[signed.read_text().rindex(f"{KEY.name}\n") :]
    line_id = value(database, "SELECT last_id FROM access_seals ORDER BY number LIMIT 1")
    status, said = run("prove", "--access", line_id, **given)
    assert status == 0, said
    assert said.startswith("c2sp.org/tlog-proof@v1\nextra ")
    assert said.endswith(newest)
    first = Checkpoints(signed, KEYS).read()[0]
    status, said = run("prove", "--since", first.number, **given)
    assert status == 0, said
    assert said.startswith(f"old {first.number}\n")
    assert said.endswith(f"\n\n{newest}")


@pytest.mark.parametrize("what", ["event", "look", "growth"])
def test_a_stranger_checks_a_proof_with_the_public_key_alone(
    what: str, run: Run, signed: Path, database: Database, tmp_path: Path
) -> None:
    """And a witness with what it holds; what was changed on the way is told."""
    first = Checkpoints(signed, KEYS).read()[0]
    words: dict[str, tuple[object, ...]] = {
        "event": (value(database, "SELECT event_id FROM event_seals WHERE number = 1"),),
        "look": (
            "--access",
            value(database, "SELECT last_id FROM access_seals ORDER BY number DESC LIMIT 1"),
        ),
        "growth": ("--since", first.number),
    }
    status, proof = run("prove", *words[what], FILE=signed, PUBLIC_KEYS=KEY.verifier)
    assert status == 0, proof
    (file := tmp_path / "proof").write_text(proof)
    (held := tmp_path / "held.txt").write_text(KEYS.note(first))
    asked = ("check-proof", file, "--checkpoints", held)
    status, said = run(*asked, PUBLIC_KEYS=KEY.verifier)
    assert status == 0, said
    shows = {"event": "an event, seal 1 of", "look": '"get_audit"', "growth": "only grew from seal"}
    assert shows[what] in said
    stranger = SignerKey.new(KEY.name).verifier
    for spoilt, why in spoilings(proof):
        file.write_text(spoilt)
        status, said = run(*asked, PUBLIC_KEYS=KEY.verifier)
        assert (status, "Traceback" in said) == (1, False), (why, said)
    file.write_text(proof)
    assert run(*asked, PUBLIC_KEYS=stranger)[0] == 1
    assert "QA_CHECKPOINT_PUBLIC_KEYS is not set" in run(*asked)[1]
    assert "cannot be read" in run("check-proof", tmp_path, PUBLIC_KEYS=KEY.verifier)[1]


def spoilings(proof: str) -> list[tuple[str, str]]:
    """The same proof with something changed, cut or put in; and how."""
    head, _, note = proof.partition("\n\n")
    lines = head.split("\n")
    other = base64.b64encode(b"x" * 32).decode()
    return [
        (head, "without its checkpoint"),
        (f"{head}\n{other}\n\n{note}", "a hash more"),
        ("\n".join(lines[:-1]) + f"\n\n{note}", "a hash less"),
        ("\n".join([*lines[:-1], other]) + f"\n\n{note}", "another hash"),
        (proof.replace("\ntime 2", "\ntime 3"), "another time"),
        (f"nothing\n{head}\n\n{note}", "of no form"),
        ("\n".join([lines[0], "extra W10=", *lines[2:]]) + f"\n\n{note}", "of nothing"),
        ("", "nothing at all"),
    ]


def test_a_look_that_is_said_to_be_another_is_not_shown(
    run: Run, signed: Path, database: Database, tmp_path: Path
) -> None:
    line = value(database, "SELECT last_id FROM access_seals ORDER BY number LIMIT 1")
    _, proof = run("prove", "--access", line, FILE=signed, PUBLIC_KEYS=KEY.verifier)
    form, extra, *rest = proof.split("\n")
    told = base64.b64decode(extra.removeprefix("extra "))
    assert b"get_audit" in told
    spoilt = base64.b64encode(told.replace(b"get_audit", b"get_other")).decode()
    (file := tmp_path / "proof").write_text("\n".join([form, f"extra {spoilt}", *rest]))
    status, said = run("check-proof", file, PUBLIC_KEYS=KEY.verifier)
    assert (status, "not among those that its seal stands for" in said) == (1, True), said


def test_a_log_that_was_signed_anew_is_not_shown_to_have_grown(
    run: Run, signed: Path, tmp_path: Path
) -> None:
    first = Checkpoints(signed, KEYS).read()[0]
    _, proof = run("prove", "--since", first.number, FILE=signed, PUBLIC_KEYS=KEY.verifier)
    (file := tmp_path / "proof").write_text(proof)
    for other, why in (
        (replace(first, hash="00" * 32), "is not what it was at seal"),
        (replace(first, number=first.number + 1), "there is none of"),
        (replace(first, epoch=1), "a restore lies between"),
    ):
        (held := tmp_path / "held.txt").write_text(KEYS.note(other))
        status, said = run("check-proof", file, "--checkpoints", held, PUBLIC_KEYS=KEY.verifier)
        assert (status, why in said) == (1, True), said


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["not-an-id"], "invalid UUID value"),
        (["--access", "not-an-id"], "invalid UUID value"),
        (["--since", "-1"], "the number in the second line of a checkpoint"),
        (["--since", "07"], "the number in the second line of a checkpoint"),
        ([], "one of the arguments EVENT --access --since is required"),
        (["--since", "1", "--access", "0192f0c4-7e20-7a44-b1c9-3d7e5f9a1b2c"], "not allowed with"),
    ],
)
def test_what_is_to_be_proved_is_one_thing_of_its_form(
    words: list[str], why: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run("prove", *words)
    assert ended.value.code == 2
    assert why in capsys.readouterr().err


def value(database: Database, question: str) -> object:
    async def ask() -> object:
        owner = await asyncpg.connect(database.migrate_url)
        try:
            return await owner.fetchval(question)
        finally:
            await owner.close()

    return asyncio.run(ask())
