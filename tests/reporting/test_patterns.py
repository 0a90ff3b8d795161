"""Every pattern of the code takes time by the length of its text, whoever wrote the text."""

import resource
import subprocess
import sys

import pytest

MOST_WORK = 240  # seconds of processor time for all of them; some ten are usual
RUN_AWAY = (
    r"(?:re\s*:|\[[^\[\]]{1,40}\]|\W)*tu dong",
    r"\s+(?=[/&-])|(?<=[/&-])\s+",
    r"\s*(?:;|,|\s+và\s+)\s*",
    r"[^\s@]+(?=@[a-z]+\.)",
    r"\{[{%].*?[}%]\}",
    r"^(?:hon)?\s*-?\s*[0-9]",
    r"(a+)+$",
    r"(?:a|a)*b",
)


def tried(*patterns: str) -> dict[str, str]:
    """What ``tests.attacks`` says of each pattern, in a process that is stopped when it does not end."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_WORK, MOST_WORK))

    run = subprocess.run(
        [sys.executable, "-m", "tests.attacks", *patterns],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    assert run.returncode == 0, (run.stdout.splitlines()[-1:], run.stderr[-500:])
    return dict(line.split("\t", 1) for line in run.stdout.splitlines())


def test_no_pattern_runs_away() -> None:
    """A new pattern is tried without being named here."""
    found = tried()
    assert "reporting.mail.quoting._RULE.0" in found
    assert {name: text for name, text in found.items() if text} == {}


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    """What is said of those that do run away; one process for all of them."""
    return tried(*RUN_AWAY)


@pytest.mark.parametrize("pattern", RUN_AWAY)
def test_one_that_does_is_known(known: dict[str, str], pattern: str) -> None:
    assert known[pattern]
