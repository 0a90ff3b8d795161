"""Versions of a report: what changed from one to the next, and files of one that were lost."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from reporting.report.versions import changes_from_before, changes_since, version_in
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading
from tests.compiling import compile_cycle
from tests.workplace import BAC_NINH, CYCLE, HANOI, Workplace

END, LATER = date(2024, 4, 30), date(2024, 5, 6)


def compiled(place: Workplace, day: date) -> tuple[Path, tuple[str, ...]]:
    outcome = compile_cycle(place.context(day), CYCLE, as_of=day)
    return Path(outcome.done[0].partition(": ")[2]), outcome.done


@pytest.fixture
def first(place: Workplace) -> Path:
    place.report(HANOI, date(2024, 1, 9), MH03_05=12)
    place.report(BAC_NINH, date(2024, 1, 9), MH03_05=3, MH03_10=5)  # a part greater than its whole
    folder, said = compiled(place, END)
    assert not any("số liệu thay đổi" in line for line in said)  # it is the first
    return folder


def test_a_version_says_what_changed_and_through_whom(place: Workplace, first: Path) -> None:
    place.report_late(BAC_NINH, LATER, MH03_05=8, MH03_10=5)
    context = place.context(LATER)
    with reading(context.home.engine) as session:
        version = version_in(session, context.home, first)
        assert version is not None
        status = cycle_status(session, context.programme, CYCLE, as_of=LATER)
        since = changes_since(session, context.home, context.programme, status, version)
    assert since is not None
    folder, said = compiled(place, LATER)
    assert any("số liệu thay đổi" in line for line in said)
    with reading(context.home.engine) as session:
        version = version_in(session, context.home, folder)
        assert version is not None
        found = changes_from_before(session, context.home, version)
    assert found == since
    (change,) = [each for each in since if each.code == "MH03.05"]
    assert (change.old, change.new, change.why) == ("15", "20", "Bắc Ninh (bản 2)")


@pytest.mark.parametrize("lost", ["figures.json", "bao-cao.pdf"])
def test_one_lost_file_comes_back_and_the_others_stay(place: Workplace, first: Path, lost: str) -> None:
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in first.iterdir()}
    (first / lost).unlink()
    _, said = compiled(place, END)
    assert said == (f"phiên bản 1 của báo cáo {CYCLE} bị mất tệp, đã lập lại: {lost}",)
    after = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in first.iterdir()}
    changed = {name for name in before if before[name] != after[name]}
    if lost == "bao-cao.pdf":  # other bytes: another time of printing
        assert changed == {lost, "manifest.json"}
        manifest = json.loads(after["manifest.json"][0])
        assert manifest["files"][lost] == hashlib.sha256(after[lost][0]).hexdigest()
    else:
        assert changed == {lost}
        assert after[lost][0] == before[lost][0]
    assert compiled(place, END)[1][0].startswith("không có gì thay đổi")


def test_what_cannot_come_back_the_same_is_named(place: Workplace, first: Path) -> None:
    manifest = json.loads((first / "manifest.json").read_bytes())
    manifest["files"]["figures.json"] = "0" * 64  # made by another release
    (first / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (first / "figures.json").unlink()
    outcome = compile_cycle(place.context(END), CYCLE, as_of=END)
    assert outcome.done == ()
    assert "không lập lại được đúng như cũ: figures.json; hãy lấy từ bản sao lưu" in outcome.waiting[0]
    assert not (first / "figures.json").exists()
