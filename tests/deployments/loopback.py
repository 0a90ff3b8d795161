"""How a test proves that a program and all its children stayed on this machine."""

import os
from pathlib import Path

_HOOK = Path(__file__).with_name("outside")


def loopback_environment(log_file: Path) -> dict[str, str]:
    """Variables under which every Python process notes connections to elsewhere in ``log_file``.

    It sees what goes through Python's own sockets, name look-ups among it; programs that are not
    Python and database drivers in C are not seen. Add it to the environment of a child.
    """
    path = [str(_HOOK), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(path), "CONNECTION_LOG": str(log_file)}


def connections_outside(log_file: Path) -> list[str]:
    """What was noted: event, host and command line; empty when nothing left the machine."""
    return log_file.read_text().splitlines() if log_file.exists() else []
