"""As whom PostgreSQL runs: it refuses to be root, and root is who many containers are."""

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from qa_api.embedded.errors import EmbeddedPostgresError, unusable

NOBODY = 65534
USER_NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
# setpriv still has root's capabilities when it starts its program; env, between them, has none.
OTHER_USER = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env")


@dataclass(frozen=True)
class Account:
    """A way to start a program: the words before its name, and who will own its files."""

    prefix: tuple[str, ...]
    owner: int

    def can_run(self, *command: str | Path) -> bool:
        """Whether this command, started this way, ends well."""
        try:
            answer = subprocess.run(
                [*self.prefix, *command], capture_output=True, check=False, cwd="/"
            )
        except OSError:
            return False
        return answer.returncode == 0

    def command(self, *command: str | Path) -> list[str | Path]:
        """The command to start."""
        return [*self.prefix, *command]

    def command_tied_to_parent(self, *command: str | Path) -> list[str | Path]:
        """The same, stopped by the kernel when the thread that started it ends in any way."""
        tie = ("setpriv", "--pdeathsig", "INT", "--") if shutil.which("setpriv") else ()
        return [*self.prefix, *tie, *command]

    def make_private_directory(self, path: Path) -> None:
        """Make `path` enterable by this account alone; refuse one that somebody else made."""
        try:
            path.mkdir(mode=0o700, parents=True)
            if self.owner != os.geteuid():
                os.chown(path, self.owner, self.owner)
        except FileExistsError:
            pass
        except OSError as fault:
            raise unusable(path, fault) from None
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.owner or found.st_mode & 0o077:
            raise EmbeddedPostgresError(f"{path} is not a private directory of this account")

    def can_enter(self, directory: Path) -> bool:
        """Whether programs of this account reach what is in `directory`."""
        return self.can_run("test", "-x", directory)


def available_account() -> Account:
    """The caller's own account, or for root one without privileges.

    Root in a user namespace of its own keeps its files; where namespaces are refused (many
    containers), the server runs as `nobody`.
    """
    if os.geteuid() != 0:
        return Account(prefix=(), owner=os.geteuid())
    for account in (Account(USER_NAMESPACE, owner=0), Account(OTHER_USER, owner=NOBODY)):
        if account.can_run("true"):
            return account
    raise EmbeddedPostgresError(
        "PostgreSQL does not run as root, and neither unshare nor setpriv (util-linux) may "
        "change that here: start this as another user"
    )
