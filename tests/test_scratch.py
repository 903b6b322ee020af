"""A killed run leaves no database in memory: the next run removes it."""

import subprocess
import sys
from pathlib import Path

from tests.scratch import directory_in, remove_leftovers

HOLDS = """
import sys, time
from pathlib import Path
from tests.scratch import directory_in

with directory_in(Path(sys.argv[1])) as made:
    (made / "cluster").write_text("rows")
    print(made, flush=True)
    time.sleep(600)
"""


def test_what_a_killed_run_left_is_removed_and_what_a_living_run_uses_stays(tmp_path: Path) -> None:
    with (
        subprocess.Popen(
            [sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as other,
        directory_in(tmp_path) as ours,
    ):
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        (ours / "cluster").write_text("rows")

        remove_leftovers(tmp_path)
        assert (theirs / "cluster").exists()
        assert (ours / "cluster").exists()

        other.kill()
        other.wait()
        remove_leftovers(tmp_path)
        assert not theirs.exists()
        assert (ours / "cluster").exists()
    assert not ours.exists()
