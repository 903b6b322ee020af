"""Root is refused by PostgreSQL, and containers refuse namespaces: there is a way for both."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa_api.embedded import EmbeddedPostgres
from qa_api.embedded.account import NOBODY, OTHER_USER, USER_NAMESPACE, Account, available_account

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


@pytest.fixture
def without_namespaces(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A PATH on which there is no `unshare`."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        for name in ("setpriv", "env", "test", "true"):
            found = shutil.which(name)
            assert found is not None
            (Path(directory) / name).symlink_to(found)
        monkeypatch.setenv("PATH", directory)
        yield


def test_the_server_is_never_root() -> None:
    assert not available_account().can_run("sh", "-c", '[ "$(id -u)" = 0 ]')


def test_a_command_that_is_not_there_cannot_run() -> None:
    assert not Account(prefix=(), owner=os.geteuid()).can_run("no-such-program-anywhere")


@as_root
def test_root_keeps_its_files_where_namespaces_are_allowed() -> None:
    account = Account(USER_NAMESPACE, owner=0)
    if not account.can_run("true"):
        pytest.skip("namespaces are refused here")
    assert available_account() == account


@as_root
def test_nobody_has_none_of_roots_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert not Account(OTHER_USER, owner=NOBODY).can_enter(tmp_path)


@pytest.mark.long
@as_root
@pytest.mark.usefixtures("without_namespaces")
def test_without_namespaces_root_runs_it_as_nobody(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)  # where nobody cannot go
    server = EmbeddedPostgres(tmp_path, fsync=False)
    home = server._layout.home
    try:
        server.start()
        assert Path(f"/proc/{server.pid}").stat().st_uid == NOBODY
        assert home.stat().st_uid == NOBODY
        assert home.stat().st_mode & 0o077 == 0
        assert not home.is_relative_to(tmp_path)
    finally:
        server.stop()
        shutil.rmtree(home)
