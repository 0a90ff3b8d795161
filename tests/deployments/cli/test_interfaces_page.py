"""docs/interfaces.md names each field that others read, and no field that is not there."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from config.settings import Settings
from reporting import errors
from reporting.figures.between_cycles import Comparison
from reporting.upkeep.export import CENTRAL_SHEET, FIGURES_SHEET
from tests.deployments.cli.conftest import Office, form, signed_mail
from tests.deployments.cli.test_approval import arrives, finished
from tests.workplace import BAC_NINH, CYCLE, HANOI, NGHE_AN, PDF, SIGNED, whole_programme

PAGE = Path(__file__).parents[3] / "docs" / "interfaces.md"
COMPILED, LATER = "2024-04-15", "2024-04-20"
AT, LATE = ("--today", LATER), date.fromisoformat(LATER)
NEW_OFFICER = {"SY00_05_1": "Nguyễn Văn Ba", "SY00_05_4": "ba@tinh-27.example"}
# Objects whose names are data: a state, a file.
OF_DATA = ("messages", "files", "figures[].values")


def section(title: str) -> str:
    """The words of the page under a heading, up to the next of any level."""
    return re.split(r"\n#+ ", PAGE.read_text(encoding="utf-8").split(f"# {title}\n", 1)[1], maxsplit=1)[0]


def rows(title: str) -> dict[str, str]:
    """What the first column of a section's tables names in code, and the rest of the row."""
    lines = re.findall(r"^\| `([^`]+)` \|(.*)$", section(title), re.MULTILINE)
    return {name: rest for name, rest in lines}


def fields_of(value: Any, at: str = "") -> Iterator[str]:
    """The place of each field: ``units[].code``."""
    if isinstance(value, list):
        for entry in value:
            yield from fields_of(entry, f"{at}[]")
    elif isinstance(value, dict):
        for name, entry in value.items():
            place = f"{at}.{name}".lstrip(".")
            yield place
            if place not in OF_DATA:
                yield from fields_of(entry, place)


def assert_named(named: dict[str, str], *samples: Any) -> None:
    """Each field of the samples is named, each that is named is there unless it is there only at times."""
    there = {field for sample in samples for field in fields_of(sample)}
    there = {field for field in there if not field.startswith("units[].parts[].")}
    assert there - named.keys() == set()
    assert {field for field, rest in named.items() if "*only*" not in rest} - there == set()


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory, opened_office: Office) -> Office:
    """A home with an issued report, a reply that came after it, one in quarantine, open findings."""
    folder = tmp_path_factory.mktemp("issued") / "office"
    shutil.copytree(opened_office.folder, folder)
    office = Office(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reporting.report.pdf.make.find_office", lambda: None)
        arrives(office, HANOI, "31/BC-SLĐTBXH", date(2024, 1, 9))
        office.add("home/drop/thu.pdf", PDF)
        promise = ("--promised-on", "2024-01-20", "--by", "Chuyên viên", "--today", "2024-01-17")
        call = ("call", CYCLE, "Quảng Trị", "--spoke-to", "Chị Hà", "--result", "hẹn", *promise)
        steps: list[tuple[str, ...]] = [
            ("collect", "--today", "2024-01-10"),
            call,
            ("compile", CYCLE, "--as-of", COMPILED, "--today", COMPILED),
            *(("approve", CYCLE, "--by", f"Người {n}", "--today", COMPILED) for n in range(4)),
        ]
        for step in steps:
            assert office.run(*step).code == 0, step
        final = finished(office, f"home/reports/ctph-109/{CYCLE}/{COMPILED}/v1")
        issue = ("--number", "67/BC-BLĐTBXH", "--signed-pdf", "ky.pdf", "--final-docx", final,
                 "--confirm", "Đã xem")  # fmt: skip
        office.add("ky.pdf", SIGNED)
        ran = office.run("issue", CYCLE, *issue, "--signed-on", COMPILED, "--by", "Văn thư", *AT)
        assert ran.code == 0, ran
    changed = form(office, BAC_NINH, "28/BC-SLĐTBXH", LATE, **NEW_OFFICER)
    office.add("home/drop/27.eml", signed_mail(office, BAC_NINH, changed))
    wrong = form(office, NGHE_AN, "5/BC-SLĐTBXH", LATE, TT01_13=5, TT01_14=3)
    office.add("home/drop/40.eml", signed_mail(office, NGHE_AN, wrong))
    assert office.run("collect", *AT).code == 0
    return office


def version(office: Office) -> Path:
    return office.folder / f"home/reports/ctph-109/{CYCLE}/{COMPILED}/v1"


def test_figures_and_manifest(issued: Office) -> None:
    for name in ("figures.json", "manifest.json"):
        content = json.loads((version(issued) / name).read_bytes())
        assert_named(rows(name), content)
        assert content["schema"] == 1


def test_a_period_report(issued: Office) -> None:
    assert issued.run("period-report", *AT).code == 0
    (file,) = (issued.folder / "home/reports").rglob("tong-ket-giai-doan.json")
    assert_named(rows(file.name), json.loads(file.read_bytes()))


def test_status(issued: Office) -> None:
    """The joint form of a merged unit is told of only in a cycle that is open across a merger."""
    own = issued.run("status", CYCLE, "--json", *AT).json
    later = issued.run("status", CYCLE, "--view", "34", "--json", *AT).json
    named = rows("status --json")
    assert_named(named, own, later)
    assert own["report"]["late"]
    assert own["report"]["changes"]
    assert {"view", "partial", "units[].parts"} <= set(fields_of(later)) & named.keys()


def test_explain(issued: Office) -> None:
    derived = issued.run("explain", CYCLE, "NL02.90", "--json", *AT).json
    count = issued.run("explain", CYCLE, "SY00.01", "--json", *AT).json
    head = {"schema", "programme", "cycle", "as_of", "known_on", "rehearsal"}
    inside = ("figure.", "inputs[]", "documents[]", "central[]", "answers[].findings[]")
    there = {field for field in fields_of(derived) if not field.startswith(inside)}
    assert there == head | rows("explain --json").keys()
    for name, entries in (("documents", count["documents"]), ("answers[].findings", findings(issued))):
        listed = set(re.findall(r"`(\w+)`", rows("explain --json")[name].rpartition(":")[2]))
        assert entries
        assert all(entry.keys() == listed for entry in entries)


def findings(office: Office) -> list[dict[str, Any]]:
    answers = office.run("explain", CYCLE, "TT01.13", "--json", *AT).json["answers"]
    return [finding for answer in answers for finding in answer["findings"]]


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("check FILE", ("check", "40.xlsx", *AT)),
        ("check-report FILE", ("check-report", "ban-ky.docx", *AT)),
        ("findings [CYCLE]", ("findings", CYCLE)),
        ("quarantine", ("quarantine",)),
        ("outbox", ("outbox",)),
        ("call-list [CYCLE]", ("call-list", CYCLE, "--today", "2024-04-23")),
        ("handover", ("handover", *AT)),
        ("audit [CYCLE]", ("audit", CYCLE)),
        ("contacts history", ("contacts", "history")),
        ("contacts proposed", ("contacts", "proposed")),
        ("units list", ("units", "list", *AT)),
        ("units changes", ("units", "changes")),
    ],
)
def test_lists(issued: Office, command: str, arguments: tuple[str, ...]) -> None:
    if command == "check FILE":
        issued.add("40.xlsx", form(issued, NGHE_AN, TT01_13=5, TT01_14=3))
    told = issued.run(*arguments, "--json").json
    assert told, "nothing to show the fields with"
    named = set(re.findall(r"`(\w+)`", re.sub(r"\([^()]*\)", "", rows("Lists")[command])))
    entries = told if isinstance(told, list) else [told]
    nested = {"findings", "points", "matters"}
    lists = [inner for entry in entries for name in nested & entry.keys() for inner in entry[name]]
    assert {field for entry in [*entries, *lists] for field in entry} == named


def test_changes() -> None:
    """Between two cycles; a home with two takes longer to make than the fields are worth."""
    change = Comparison(whole_programme().indicators[0], now=None, before=None, groups=0, of=0)
    named = set(re.findall(r"`(\w+)`", rows("Lists")["changes CYCLE"]))
    assert named == {"cycle", "against", "changes", "n", "N", *change.as_json()}


def test_export(issued: Office) -> None:
    assert issued.run("export", CYCLE, "-o", "so-lieu.xlsx").code == 0
    book = CalamineWorkbook.from_path(issued.folder / "so-lieu.xlsx")
    first, second = (book.get_sheet_by_name(name).to_python()[0] for name in (FIGURES_SHEET, CENTRAL_SHEET))
    assert first == list(rows("Export and import"))
    central = section("Export and import").partition("as `figures import`")[2]
    assert second == re.findall(r"`([^`]+)`", central)


def test_files_of_a_version(issued: Office) -> None:
    assert {file.name for file in version(issued).iterdir()} == rows("Files of a report version").keys()


def test_settings() -> None:
    assert rows("Settings").keys() == {f"KYBAOCAO_{name.upper()}" for name in Settings.model_fields}


def test_exit_codes() -> None:
    table = re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)
    kinds = (errors.ReportingError, errors.BadInput, errors.ServiceUnavailable)
    assert {int(code) for code in table} == {0, 10, *(kind.exit_code for kind in kinds)}
