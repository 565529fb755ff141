"""The shipped review has the same bytes under quite other circumstances, all at once.

`make reproduce` tries each of them alone, and more.
"""

from pathlib import Path

import faults
import pytest
import reproduce

COMBINED = {
    "far away": reproduce.Variation(
        folder="revue à côté, 2 été's", cores=1, umask=0o077, lay="backwards", home="another's",
        environment={"TZ": "<-14>+14", "LC_ALL": "C", "PYTHONHASHSEED": "4711"},
    ),
    "stopped, after other inputs": reproduce.Variation(
        folder="l" * 180, stopped=True, grown=True, home="missing",
        environment={"TZ": "Etc/GMT-14", "PYTHONHASHSEED": "0"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMBINED)
def test_a_build_elsewhere_has_the_same_bytes_in_every_result(name, shipped, tmp_path):
    folder = reproduce.build(tmp_path, COMBINED[name])

    assert reproduce.differences(folder, shipped) == []


def test_a_byte_that_differs_is_named(shipped, tmp_path):
    for path in faults.digests(shipped):
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(shipped / path)
    assert reproduce.differences(tmp_path, shipped) == []
    changed = Path("results/audit/index.html")
    (tmp_path / changed).unlink()
    (tmp_path / changed).write_text("another")

    assert reproduce.differences(tmp_path, shipped) == [str(changed)]
