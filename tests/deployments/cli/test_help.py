"""Help is quick: it loads nothing that only work needs. And it tells of every command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deployments.cli.conftest import Office

HEAVY = (
    *("prefect", "great_expectations", "pandas", "numpy", "sqlalchemy", "alembic", "docx", "docxtpl"),
    *("openpyxl", "xlsxwriter", "python_calamine", "typst", "imapclient", "aiosmtplib", "aiosmtpd"),
    *("holidays", "jinja2", "pydantic_settings"),
)
COMMANDS = (
    *("init", "check-config", "serve", "replay", "open", "run-day", "remind", "status", "extend", "call"),
    *("call-list", "handover", "backup", "restore"),
    *("compile", "audit", "collect", "form", "check", "findings", "waive", "send", "record", "quarantine"),
    *("retention", "erase", "export", "import"),
    *("outbox", "register", "figures", "contacts"),
)
PROGRAM = """
import sys
sys.argv = ["kybaocao", *sys.argv[1:]]
from deployments.cli import main
try:
    main()
finally:
    print(*sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    done = run(tmp_path, "--help")
    assert done.returncode == 0
    assert not set(done.stderr.split()) & set(HEAVY)
    for name in COMMANDS:
        assert f" {name} " in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_installed_command_ends_with_the_exit_code(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "kybaocao"
    done = subprocess.run([program, "status"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(empty_office: Office, command: str) -> None:
    ran = empty_office.run(command, "--help")
    assert ran.code == 0
    assert ran.err == ""
    assert f"kybaocao {command}" in ran.out


def test_without_a_command_the_help_is_shown(empty_office: Office, tmp_path: Path) -> None:
    empty_office.run().assert_refused("--help")
    done = run(tmp_path)
    assert done.returncode == 2
    assert "check-config" in done.stdout + done.stderr


def test_a_traceback_is_shown_only_on_demand(tmp_path: Path) -> None:
    plain, debug = run(tmp_path, "status"), run(tmp_path, "--debug", "status")
    assert plain.returncode == 2
    assert "Traceback" not in plain.stderr
    assert "Traceback" in debug.stderr


@pytest.mark.parametrize(("typed", "offered"), [("st", "status"), ("contacts ex", "export")])
def test_a_shell_completes_what_is_typed(tmp_path: Path, typed: str, offered: str) -> None:
    program = Path(sys.executable).parent / "kybaocao"
    asked = {"_KYBAOCAO_COMPLETE": "complete_bash", "COMP_WORDS": f"kybaocao {typed}"}
    done = subprocess.run(
        [program],
        cwd=tmp_path,
        env={**os.environ, **asked, "COMP_CWORD": str(len(typed.split()))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [offered]
    assert done.stderr == ""
