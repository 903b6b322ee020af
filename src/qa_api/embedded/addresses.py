"""The roles of the cluster and the addresses they connect by."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROLES = ("qa_owner", "qa_app", "qa_read", "qa_backup")
DATABASE = "qa"
PORT = 5432  # only a file name: nothing listens on the network
SOCKET_PATH_LIMIT = 107  # bytes of sockaddr_un.sun_path that may be used

# Nobody keeps files in the database.
_NO_LARGE_OBJECTS = "".join(
    f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC\n"
    for function in (
        *("lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)", "lo_unlink(oid)"),
        *("lo_open(oid, integer)", "lo_close(integer)", "loread(integer, integer)"),
        *("lowrite(integer, bytea)", "lo_lseek(integer, integer, integer)", "lo_tell(integer)"),
        *("lo_lseek64(integer, bigint, integer)", "lo_tell64(integer)", "lo_get(oid)"),
        *("lo_truncate(integer, integer)", "lo_truncate64(integer, bigint)"),
        *("lo_get(oid, bigint, integer)", "lo_put(oid, bigint, bytea)"),
    )
)

# One command per line, as single-user mode reads them. Run once, by the superuser of a new
# cluster in the template of its databases: qa_app and qa_read own nothing and may bypass nothing;
# a backup must see every row.
BOOTSTRAP = f"""\
{_NO_LARGE_OBJECTS}\
CREATE ROLE qa_owner LOGIN CREATEDB
CREATE ROLE qa_app LOGIN
CREATE ROLE qa_read LOGIN
ALTER ROLE qa_app SET idle_in_transaction_session_timeout = '60s'
ALTER ROLE qa_app SET statement_timeout = '60s'
ALTER ROLE qa_read SET idle_in_transaction_session_timeout = '60s'
ALTER ROLE qa_read SET statement_timeout = '60s'
CREATE ROLE qa_backup LOGIN BYPASSRLS
GRANT pg_read_all_data TO qa_backup
CREATE DATABASE {DATABASE} OWNER qa_owner
"""


@dataclass(frozen=True)
class Urls:
    """One database as each role reaches it; the fields are named like the settings."""

    database_url: str
    read_url: str
    migrate_url: str
    backup_url: str
    superuser_url: str

    def as_environment(self) -> dict[str, str]:
        """The variables that point the service at this database."""
        return {
            "QA_DATABASE_URL": self.database_url,
            "QA_READ_URL": self.read_url,
            "QA_MIGRATE_URL": self.migrate_url,
        }


def urls_of(socket_dir: Path, database: str) -> Urls:
    """Addresses of `database` over the socket in `socket_dir`, without passwords.

    The directory is the lock: only the account that made it can enter.
    """
    place = f"{quote(database, safe='')}?host={quote(str(socket_dir), safe='')}&port={PORT}"

    def url(role: str) -> str:
        return f"postgresql://{role}@/{place}"

    return Urls(
        database_url=url("qa_app"),
        read_url=url("qa_read"),
        migrate_url=url("qa_owner"),
        backup_url=url("qa_backup"),
        superuser_url=url("postgres"),
    )
