"""The status page as a reader and a browser find it."""

import re
import shutil
import subprocess
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reporting.durable import write_durably
from reporting.pages.map import draw
from reporting.pages.status import render, write_pages
from reporting.programme.files import check_programme
from reporting.states import MessageKind, MessageState
from reporting.status.cycle import cycle_status
from reporting.status.words import days_left, status_line
from reporting.store.engine import reading, writing
from reporting.store.tables import Message
from tests.workplace import (
    BAC_NINH,
    BINH_DINH,
    CYCLE,
    DIEN_BIEN,
    HANOI,
    NGHE_AN,
    QUANG_TRI,
    Workplace,
    box,
    officer,
    whole_programme,
)

LATE = date(2024, 1, 22)
ELEMENTS_THAT_LOAD = {"script", "link", "img", "iframe", "object", "embed", "form", "base"}


class Reader(HTMLParser):
    """What is on a page: elements with their attributes, and the text of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(" ".join(data.split()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(place: Workplace, day: date) -> str:
    (file,) = write_pages(place.context(day))
    assert file == place.home.path / "status" / "ctph-109" / "index.html"
    return file.read_text(encoding="utf-8")


def test_the_page_opens_with_the_sentence_and_the_days_left(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 8))
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=date(2024, 1, 9))
    text = page(place, date(2024, 1, 9))
    line = status_line(status, place.context().now)
    assert line.startswith("1/6 Sở đã gửi báo cáo")
    assert f"<strong>{line}.</strong> Còn 6 ngày đến hạn nộp 15/01/2024." in text
    assert "Cập nhật 09h00 ngày 09/01/2024" in text
    assert "DIỄN TẬP" not in text


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2024, 1, 15), "Hôm nay là hạn nộp 15/01/2024"),
        (date(2024, 1, 16), "Đã quá hạn nộp 1 ngày"),
        (date(2024, 1, 14), "Còn 1 ngày đến hạn nộp"),
    ],
)
def test_days_left_in_words(place: Workplace, day: date, words: str) -> None:
    with reading(place.home.engine) as session:
        assert words in days_left(cycle_status(session, place.programme, CYCLE, as_of=day), day)


def test_the_page_asks_nothing_from_anywhere_and_runs_nothing(place: Workplace) -> None:
    found = Reader(page(place, LATE))
    assert not {tag for tag, _ in found.elements} & ELEMENTS_THAT_LOAD
    policy = next(each["content"] for each in found.all("meta") if each.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    for _, attributes in found.elements:
        assert not any(name.startswith("on") or name in ("style", "src") for name in attributes)
        assert not (attributes.get("href") or "").startswith(("http", "//", "javascript"))


def test_the_page_can_be_read_without_eyes_or_mouse(place: Workplace) -> None:
    found = Reader(page(place, LATE))
    assert found.all("html") == [{"lang": "vi"}]
    first = next(attributes for tag, attributes in found.elements if tag == "a")
    assert first == {"class": "skip", "href": "#noi-dung"}
    assert found.all("main")[0]["id"] == "noi-dung"
    assert len(found.all("caption")) == len(found.all("table")) == 1
    assert all(each.get("scope") in ("col", "row", "rowgroup") for each in found.all("th"))
    ids = [attributes["id"] for _, attributes in found.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for _, attributes in found.elements:
        for name in ("aria-labelledby", "for"):
            assert set((attributes.get(name) or "").split()) <= set(ids)
    description = next(words for words in found.words if words.startswith("Chưa báo cáo (6)"))
    assert "Điện Biên, Hà Nội" in description
    assert "Sơ đồ ô vuông, không phải bản đồ địa giới." in found.words


def test_every_unit_stands_under_its_region(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 8))
    place.report(BAC_NINH, date(2024, 1, 22), MH03_05=-1)
    text = page(place, LATE)
    assert "Đồng bằng sông Hồng: 2/2 đã gửi, 1 dùng được" in text
    row = re.search(r"<tr><th scope=\"row\">Bắc Ninh</th>(.*?)</tr>", text)
    assert row is not None
    cells = re.sub(r"<[^>]+>", "|", row[1])
    assert "đề nghị rà soát" in cells
    assert "muộn" in cells
    assert "12/BC-SLĐTBXH" in cells


def test_what_waits_for_a_person_is_on_the_page_without_addresses(place: Workplace) -> None:
    stranger = place.mail("nguoi.la@thu-rieng.example", {"a.pdf": b"%PDF-1.4"}, subject="<b>Báo cáo</b>")
    place.receive(stranger, LATE)
    with writing(place.home.engine) as session:
        message = session.get_one(Message, place.messages(MessageKind.REQUEST, DIEN_BIEN)[0].id)
        message.state = MessageState.UNKNOWN
    text = page(place, LATE)
    found = Reader(text).words
    assert "Thư đến chờ xử lý: 1" in found
    assert "Thư chưa rõ đã đi hay chưa: 1" in found
    assert "Đơn vị chưa có địa chỉ thư: 1" in found
    assert "Bình Định" in found
    assert "@" not in re.sub(r"<style>.*?</style>", "", text, flags=re.S)
    assert box(HANOI) not in text
    assert officer(HANOI) not in text


def test_words_of_strangers_stay_words(place: Workplace) -> None:
    evil = "<script>alert(1)</script>\"'&"
    place.report(QUANG_TRI, date(2024, 1, 8))
    programme = place.programme.model_copy(update={"short_name": evil})
    with reading(place.home.engine) as session:
        text = render(place.context(LATE, programme=programme), session)
    assert text is not None
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_cycle_that_waits_for_its_letter(empty_place: Workplace) -> None:
    assert write_pages(empty_place.context(date(2023, 11, 1))) == []
    empty_place.plan(date(2023, 12, 14))
    text = page(empty_place, date(2023, 12, 14))
    assert "Kỳ chưa mở: đã đến ngày mở kỳ (13/12/2023)" in text
    assert "chưa dự thảo, đã đến ngày mở kỳ" in text


def test_a_page_is_whole_or_the_one_before(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = page(place, LATE)
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("đĩa đầy")))
    with pytest.raises(OSError, match="đĩa đầy"):
        write_pages(place.context(date(2024, 1, 23)))
    folder = place.home.path / "status" / "ctph-109"
    assert [each.name for each in folder.iterdir()] == ["index.html"]
    assert (folder / "index.html").read_text(encoding="utf-8") == before


def test_the_page_offers_both_views_without_a_script(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 8))
    assert 'type="radio"' not in page(place, LATE)  # no later units here: nothing to choose
    text = page(Workplace(place.home, place.settings, whole_programme()), LATE)
    read = Reader(text)
    choices = [each for each in read.all("input") if each["type"] == "radio"]
    assert [(each["id"], "checked" in each) for each in choices] == [("xem-63", True), ("xem-34", False)]
    assert {"63 đơn vị của kỳ báo cáo", "34 đơn vị từ 01/7/2025"} <= set(read.words)
    ids = [each["id"] for _, each in read.elements if "id" in each]
    assert len(ids) == len(set(ids))
    assert not ELEMENTS_THAT_LOAD & {tag for tag, _ in read.elements}
    assert text.count('<g class="tile') == 63 + 34
    assert "Bắc Giang ✕, Bắc Ninh ✕" in text


# --- the diagram --------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "count"), [("2023-12-14", 63), ("2025-01-15", 63), ("2025-12-14", 34)])
def test_every_unit_of_a_list_has_its_box_and_both_archipelagos_a_mark(day: str, count: int) -> None:
    programme = whole_programme()
    units = {(u.code, u.valid_from): u for u in programme.units if u.lives_on(date.fromisoformat(day))}
    tiles = [tile for tile in programme.tiles if (tile.code, tile.valid_from) in units]
    boxes = [tile for tile in tiles if not tile.is_island_mark]
    assert len(boxes) == len({(tile.code) for tile in boxes}) == len(units) == count
    assert len({(tile.column, tile.row) for tile in tiles}) == count + 2
    marks = {tile.label: units[tile.code, tile.valid_from].name for tile in tiles if tile.is_island_mark}
    assert marks == {"QĐ. Hoàng Sa (TP Đà Nẵng)": "Đà Nẵng", "QĐ. Trường Sa (Khánh Hòa)": "Khánh Hòa"}
    furthest = max(tile.column for tile in boxes)
    assert all(tile.column > furthest for tile in tiles if tile.is_island_mark)  # in the sea to the east


def test_a_box_tells_its_state_by_sign_as_well_as_colour(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 8))
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=LATE)
    drawing = draw(place.programme, status)
    assert drawing is not None
    told = {" ".join(each.lines): (each.sign, each.style) for each in drawing.boxes}
    assert told["Hà Nội"] == ("✓", "tile accepted")
    assert told["Nghệ An"] == ("✕", "tile missing")
    assert draw(place.programme.model_copy(update={"tiles": ()}), status) is None


def test_wrong_tiles_are_named_with_their_line(tmp_path: Path) -> None:
    folder = tmp_path / "ctph-109"
    shutil.copytree(whole_programme().folder, folder)
    tiles = folder / "tiles.csv"
    lines = tiles.read_text(encoding="utf-8").splitlines()
    lines += ["99,2008-08-01,7,7,Không có,", "01,2008-08-01,3,0,Hà Nội,"]
    tiles.write_text("\n".join(lines), encoding="utf-8")
    found = [(mistake.line, mistake.text) for mistake in check_programme(folder)]
    assert found == [
        (len(lines) - 1, "ô của đơn vị 99 (2008-08-01) không có trong units.csv"),
        (len(lines), "hai ô cùng đứng ở cột 3, hàng 0"),
    ]


# --- in a browser -------------------------------------------------------------------------------


def test_the_page_prints_on_two_sheets_even_when_much_waits(place: Workplace, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    pdfinfo = shutil.which("pdfinfo")
    if chromium is None or pdfinfo is None:
        pytest.skip("chromium and poppler-utils (pdfinfo) print and count the pages")
    whole = Workplace(place.home, place.settings, whole_programme())
    for number in range(9):
        place.receive(place.mail(f"la-{number}@thu-rieng.example", subject="Báo cáo"), date(2024, 1, 12))
    with writing(place.home.engine) as session:
        states = (MessageState.UNKNOWN, MessageState.HELD, MessageState.FAILED, MessageState.BOUNCED)
        for position, code in enumerate((HANOI, DIEN_BIEN, BAC_NINH, NGHE_AN)):
            for message in place.messages(MessageKind.REQUEST, code):
                session.get_one(Message, message.id).state = states[position]
    text = page(whole, LATE)
    assert text.count('<tr><th scope="row">') == 63 + 34  # both views; the one that is chosen is printed
    file = tmp_path / "trang.html"
    write_durably(file, text.encode())
    pdf = tmp_path / "trang.pdf"
    subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
         f"--user-data-dir={tmp_path / 'chromium'}", f"--print-to-pdf={pdf}", file.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    told = subprocess.run([pdfinfo, str(pdf)], check=True, capture_output=True, text=True).stdout
    assert re.search(r"^Pages:\s+2$", told, re.M), told
    assert re.search(r"\(A4\)", told), told
    assert BINH_DINH in {unit.code for unit in whole.programme.units}
