"""The command line as a person runs it, in a folder of its own."""

import io
import json
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from deployments.cli import main
from reporting.home.folder import open_home
from tests.workplace import CODES, LETTER, PDF, UNREACHABLE, Workplace, box, officer, whole_programme

CYCLE = "annual-2023"
# The signed letter of the opened office.
REGISTER = ["--letter", "cong-van.pdf", "--number", LETTER, "--signed-on", "2023-12-13", "--by", "Văn thư"]


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code, what it said, what it complained of."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def assert_refused(self, words: str, code: int = 2) -> None:
        """One line on standard error, and no traceback."""
        assert self.code == code, self.err
        assert words in self.err
        assert len(self.err.strip().splitlines()) == 1
        assert "Traceback" not in self.err + self.out


@dataclass(frozen=True)
class Office:
    """A folder with a home in it, and commands to run there."""

    folder: Path

    def run(self, *arguments: str, home: str = "home", **environment: str) -> Ran:
        """Run a command as ``main`` does, in this process: a process of its own costs a second."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["kybaocao", "--home", home, *arguments])
            patch.setenv("KYBAOCAO_MAIL_FROM", "bao-cao@van-phong.example")
            for name, value in environment.items():
                patch.setenv(f"KYBAOCAO_{name}", value)
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
        return Ran(code, out.getvalue(), err.getvalue())

    def add(self, name: str, content: bytes | str) -> str:
        """Lay a file into the folder; its name."""
        (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return name


def form(office: Office, code: str, *signed: Any, **given: Any) -> bytes:
    """A filled form that this home issued; ``signed``: number and date, a draft without."""
    settings = Settings(home=office.folder / "home")
    return Workplace(open_home(settings), settings, whole_programme()).form(code, *signed, **given)


def signed_mail(office: Office, code: str, form: bytes) -> bytes:
    """A department's mail with form and signed document, for the office to lay into the drop folder."""
    settings = Settings(home=office.folder / "home")
    files = {"bieu.xlsx": form, "bao-cao.pdf": PDF + code.encode()}
    return Workplace(open_home(settings), settings, whole_programme()).mail(box(code), files)


def record(office: Office, unit: str = "Bắc Ninh", *more: str, today: str = "2024-01-12") -> Any:
    details = ["--number", "9/BC-SLĐTBXH", "--date", "2024-01-10", "--received-on", "2024-01-11"]
    return office.run(
        "record", CYCLE, unit, *details, "--channel", "exchange", "--by", "Văn thư", "--today", today, *more
    )


@pytest.fixture(scope="session")
def opened_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A home made, contacts brought in and the cycle opened by commands alone."""
    office = Office(tmp_path_factory.mktemp("cli"))
    (office.folder / "cong-van.pdf").write_bytes(PDF)
    lines = ["code,role,email,name,position,telephone"]
    for code in CODES:
        if code != UNREACHABLE:
            lines += [f"{code},role_box,{box(code)},,,", f"{code},officer,{officer(code)},Cán bộ,,"]
    (office.folder / "lien-he.csv").write_text("\n".join(lines), encoding="utf-8")
    for command in (
        ["init"],
        ["contacts", "import", "lien-he.csv", "--by", "Văn thư", "--today", "2023-11-01"],
        ["open", "annual-2023", "--today", "2023-12-06"],
        ["open", "annual-2023", *REGISTER, "--today", "2023-12-13"],
    ):
        ran = office.run(*command)
        assert (ran.code, ran.err) == (0, ""), ran
    return office


@pytest.fixture
def office(tmp_path: Path, opened_office: Office) -> Office:
    """A copy of the opened home."""
    shutil.copytree(opened_office.folder, tmp_path / "office")
    return Office(tmp_path / "office")


@pytest.fixture
def empty_office(tmp_path: Path) -> Office:
    return Office(tmp_path)
