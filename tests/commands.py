"""A command as somebody gives it whose environment knows nothing of these tests."""

import os
import subprocess

UNSAID = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")


def done(*command, code=0, folder=None, **environment):
    """Run a command without what the tests' own environment says; return all that it said."""
    result = subprocess.run(
        list(map(str, command)), cwd=folder, text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={name: value for name, value in os.environ.items() if name not in UNSAID} | environment,
    )  # fmt: skip
    assert result.returncode == code, result.stdout[-4000:]
    return result.stdout
