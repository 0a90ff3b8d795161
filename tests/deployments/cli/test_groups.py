"""The first help page, by the day's work."""

from collections import Counter

import typer

from deployments.cli.app import app
from deployments.cli.groups import GROUPS
from tests.deployments.cli.conftest import Office


def test_each_command_is_in_one_group() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group of commands
    placed = Counter(name for names in GROUPS.values() for name in names)
    assert placed == Counter(commands.keys())


def test_help_shows_the_groups_in_their_order(office: Office) -> None:
    for language, first, last in (("vi", "Mỗi ngày", "Cài đặt và vận hành"), ("en", "Every day", "Set-up")):
        ran = office.run("--lang", language, "--help")
        assert ran.code == 0, ran
        assert (
            ran.out.index(first) < ran.out.index("run-day") < ran.out.index(last) < ran.out.index("restore")
        )
