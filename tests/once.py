"""Make something for all tests of a session once, also where several processes share them."""

import fcntl
import os
import shutil


def made(tmp_path_factory, name, make):
    """Return a folder that ``make`` has filled; other processes of this session wait for it and share it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = tmp_path_factory.mktemp(name)
        make(folder)
        return folder
    folder = tmp_path_factory.getbasetemp().parent / f"{name}-of-all"
    whole = folder.with_suffix(".whole")
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder
