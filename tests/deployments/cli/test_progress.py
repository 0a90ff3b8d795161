"""Long work tells a terminal how far it is and how long it takes yet; a file or a pipe hears nothing."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from deployments.cli import terminal
from reporting.progress_bar import track
terminal.show_progress()
for each in track(range(int(sys.argv[1])), "Tiếp nhận báo cáo"):
    pass
print("xong")
"""


def shown(count: int, *, terminal: bool, **environment: str) -> str:
    """What came on standard error."""
    reader, writer = pty.openpty() if terminal else os.pipe()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(count)],
        stdout=subprocess.PIPE,
        stderr=writer,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "TERM": "xterm", **environment},
        check=True,
    )
    os.close(writer)
    told = b""
    try:
        while part := os.read(reader, 65536):
            told += part
    except OSError:  # so a terminal says that the other end is closed
        pass
    os.close(reader)
    assert done.stdout.decode().strip() == "xong"
    return told.decode()


def test_a_terminal_sees_a_bar_with_the_time_left() -> None:
    told = shown(40, terminal=True)
    assert "Tiếp nhận báo cáo" in told
    assert "100%" in told
    assert "0:00:0" in told


@pytest.mark.parametrize(("count", "terminal"), [(40, False), (3, True)])
def test_a_pipe_and_short_work_see_nothing(count: int, terminal: bool) -> None:
    assert shown(count, terminal=terminal) == ""


def test_no_colours_where_none_are_wanted() -> None:
    assert "\x1b[3" in shown(40, terminal=True)
    assert "\x1b[3" not in shown(40, terminal=True, NO_COLOR="1")
