"""The quality pages: what a manager reads there is what the store holds, and nothing asks the network."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from sqlalchemy import select

from reporting.pages.quality import Links, cycle_page
from reporting.pages.site import write_quality, write_site
from reporting.received.submissions import waive
from reporting.status.cycle import cycle_status
from reporting.status.quality import CycleQuality, Trust, cycle_quality
from reporting.store.engine import reading, writing
from reporting.store.tables import FindingRow
from tests.browser_fixture import browser, hosts_asked
from tests.workplace import BAC_NINH, CYCLE, DIEN_BIEN, HANOI, QUANG_TRI, Workplace, copy_home

__all__ = ["browser"]

DAY, LATER = date(2024, 1, 9), date(2024, 1, 22)
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def mixed_home(tmp_path_factory: pytest.TempPathFactory, opened_home: Path) -> Path:
    """One unit clean, one with an error, one with all of it waived, one waiting for an explanation."""
    place = copy_home(opened_home, tmp_path_factory.mktemp("mixed") / "home")
    place.report(HANOI, DAY)
    place.report(BAC_NINH, DAY, MH03_05=3, MH03_10=5)
    place.report(QUANG_TRI, DAY, MH03_05=3, MH03_10=5)
    place.report(DIEN_BIEN, DAY, MH03_05=f"chưa có số liệu {EVIL}")
    with writing(place.home.engine) as session:
        for row in session.scalars(select(FindingRow).where(FindingRow.severity != "notice")):
            if row.submission.unit.code == QUANG_TRI:
                waive(session, row, by="Trưởng phòng", why="Sở đã xác nhận", now=place.context(DAY).now)
    place.home.engine.dispose()
    return place.home.path


@pytest.fixture
def mixed(tmp_path: Path, mixed_home: Path) -> Iterator[Workplace]:
    place = copy_home(mixed_home, tmp_path / "home")
    place.today, place.numbers = DAY, count(100)  # mails of the home it was copied from are in the mailbox
    yield place
    place.home.engine.dispose()


def quality(place: Workplace, day: date = LATER) -> CycleQuality:
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=day)
        return cycle_quality(session, place.programme, status)


def pages(place: Workplace, day: date = LATER) -> Path:
    (file,) = write_quality(place.context(day))
    assert file == place.home.path / "status" / "ctph-109" / CYCLE / "quality.html"
    return file


def test_units_are_sorted_by_what_stands_open(mixed: Workplace) -> None:
    found = quality(mixed)
    marks = {unit.status.unit.code: unit.mark.trust for unit in found.units}
    assert marks[HANOI] is Trust.CLEAN
    assert marks[BAC_NINH] is Trust.ERROR
    assert marks[QUANG_TRI] is Trust.SETTLED
    assert marks[DIEN_BIEN] is Trust.WARNING
    assert found.counts()[Trust.NONE] == len(found.units) - 4
    bac_ninh = next(unit for unit in found.units if unit.status.unit.code == BAC_NINH)
    assert {area: bac_ninh.in_area(area).trust for area in (0, 3)} == {0: Trust.CLEAN, 3: Trust.ERROR}
    for area in (None, *found.areas):
        assert sum(found.counts(area).values()) == len(found.units)
    assert [(each.rule, each.units) for each in found.top(1)] == [("PART-MH03-MTTQ", ("Bắc Ninh",))]


def test_the_first_line_says_which_numbers_can_be_trusted(mixed: Workplace) -> None:
    text = pages(mixed).read_text(encoding="utf-8")
    line = (
        "2/6 Sở có số liệu tin cậy được (trong đó 01 có điểm đã giải trình hoặc chấp nhận, nêu rõ lý do); "
        "01 còn điểm đề nghị rà soát; 01 chờ giải trình; 02 chưa có biểu số liệu; tính đến 22/01/2024"
    )
    assert f"<strong>{line}.</strong>" in text
    assert text.index(line) < text.index("<h1>")


def test_each_unit_has_a_page_with_its_points_and_decisions(mixed: Workplace) -> None:
    file = pages(mixed)
    links = re.findall(r'href="(quality/[^"]+)"', file.read_text(encoding="utf-8"))
    assert sorted(links) == sorted(f"quality/{code}.html" for code in (HANOI, BAC_NINH, QUANG_TRI, DIEN_BIEN))
    bac_ninh = (file.parent / "quality" / f"{BAC_NINH}.html").read_text(encoding="utf-8")
    assert "PART-MH03-MTTQ" in bac_ninh
    settled = (file.parent / "quality" / f"{QUANG_TRI}.html").read_text(encoding="utf-8")
    assert "Trưởng phòng: Sở đã xác nhận" in settled
    for href in re.findall(r'href="([^#"]+)"', bac_ninh):
        if "index.html" not in href:
            assert (file.parent / "quality" / href).exists()


def test_what_was_corrected_shows_in_the_weeks_and_rounds(mixed: Workplace) -> None:
    mixed.report(BAC_NINH, date(2024, 1, 16))
    found = quality(mixed)
    assert [(week.starts_on, week.first_versions, week.later_versions) for week in found.weeks] == [
        (date(2024, 1, 8), 4, 0),
        (date(2024, 1, 15), 0, 1),
    ]
    (now,) = found.rounds
    assert (now.units, now.wrong_at_first, now.wrong_at_last, now.versions) == (4, 2, 1, 5)


def test_a_page_that_would_say_the_same_is_left_alone_and_an_undone_one_goes(mixed: Workplace) -> None:
    file = pages(mixed)
    kept = file.parent / "quality" / f"{HANOI}.html"
    stale = file.parent / "quality" / "99.html"
    stale.write_text("cũ", encoding="utf-8")
    before = kept.stat().st_mtime_ns
    pages(mixed, date(2024, 1, 23))
    assert kept.stat().st_mtime_ns == before
    assert not stale.exists()
    kept.write_text("hỏng", encoding="utf-8")
    pages(mixed, date(2024, 1, 24))
    assert "Hà Nội" in kept.read_text(encoding="utf-8")


def test_words_of_strangers_stay_words_and_nothing_runs(mixed: Workplace) -> None:
    file = pages(mixed)
    every = [file, *file.parent.glob("quality/*.html")]
    texts = [each.read_text(encoding="utf-8") for each in every]
    assert any("&lt;script&gt;alert(1)" in text for text in texts)
    for text in texts:
        assert "<script" not in text
        assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
        assert not re.search(r'(src|href)="(https?:)?//', text)


def test_a_report_version_holds_one_file_that_needs_no_other(mixed: Workplace) -> None:
    text = cycle_page(quality(mixed), Links(units=None))
    targets = re.findall(r'href="#(dv-[^"]+)"', text)
    assert set(targets) == {f"dv-{code}" for code in (BAC_NINH, QUANG_TRI, DIEN_BIEN)}
    assert all(f'id="{target}"' in text for target in targets)
    assert not re.search(r'href="[^#]', text)


def test_a_wide_programme_is_split_into_pages(mixed: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporting.pages.quality_parts.ROWS_OF_A_PAGE", 1)
    file = pages(mixed)
    text = file.read_text(encoding="utf-8")
    tables = re.findall(r'href="(quality/bang-\d+\.html)"', text)
    assert len(tables) == 6
    words = [(file.parent / each).read_text(encoding="utf-8") for each in tables]
    assert sum(f'href="{BAC_NINH}.html"' in each for each in words) == 1
    assert 'class="matrix"' not in text


@pytest.mark.parametrize("width", [360, 1200])
def test_axe_finds_nothing_and_it_fits(browser: Browser, mixed: Workplace, width: int) -> None:
    write_site(mixed.context(LATER))
    file = mixed.home.path / "status" / "ctph-109" / CYCLE / "quality.html"
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked = hosts_asked(page)
    for each in (file, file.parent / "quality" / f"{BAC_NINH}.html"):
        page.goto(each.as_uri())
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["impact"], v["nodes"][0]["html"]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto((file.parent.parent / "index.html").as_uri())
    page.click("text=Chất lượng số liệu từng đơn vị")
    assert page.url == file.as_uri()
    assert asked == set()
