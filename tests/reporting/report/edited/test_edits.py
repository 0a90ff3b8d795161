"""Over ninety edits that change what a report says, and forty that do not: only the first are told."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from lxml import etree

from reporting.report.edited.points import FigureSets
from reporting.report.edited.review import review
from reporting.word.controls import W
from tests.deployments.rehearsal.office_suite import saved_again
from tests.reporting.report.edited.test_review import Edited, compiled, told

__all__ = ["compiled"]
Act = Callable[["Hands"], None]


class Hands(Edited):
    """What people do to a report in Word."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.body = self.paper.element.body
        notes = next(p for p in self.paper.part.package.iter_parts() if p.partname == "/word/footnotes.xml")
        self.part: Any = notes
        self.notes = etree.fromstring(notes.blob)

    def save_notes(self) -> None:
        self.part._blob = etree.tostring(self.notes, xml_declaration=True, encoding="UTF-8", standalone=True)

    def texts(self, root: Any = None) -> list[Any]:
        return list((self.body if root is None else root).iter(f"{W}t"))

    def put(self, old: str, new: str, root: Any = None) -> None:
        """The first text that has the words."""
        text = next(text for text in self.texts(root) if old in (text.text or ""))
        text.text = text.text.replace(old, new, 1)

    def line(self, words: str) -> Any:
        """The first paragraph that says it."""
        return next(p for p in self.body.iter(f"{W}p") if words in "".join(p.itertext(f"{W}t")))

    def beside(self, code: str, old: str, new: str, *, ahead: bool = False) -> None:
        """In the text next to a figure that has the words."""
        control = self.controls[code]
        siblings = control.itersiblings(preceding=ahead)
        text = next(t for s in siblings for t in s.iter(f"{W}t") if old in (t.text or ""))
        head, sep, tail = text.text.rpartition(old) if ahead else text.text.partition(old)
        assert sep
        text.text = f"{head}{new}{tail}"

    def rows(self, annex: int) -> list[Any]:
        tables = [t for t in self.body.iter(f"{W}tbl") if len(list(t.iter(f"{W}tr"))) > 3]
        return list(tables[annex].iter(f"{W}tr"))

    def row(self, annex: int, name: str) -> Any:
        return next(
            r for r in self.rows(annex) if name in ["".join(c.itertext(f"{W}t")) for c in r.iter(f"{W}tc")]
        )

    def cell(self, annex: int, name: str, at: int, text: str) -> None:
        cell = list(self.row(annex, name).iter(f"{W}tc"))[at]
        paragraph = next(cell.iter(f"{W}p"))
        for run in list(paragraph.iter(f"{W}r")):
            run.getparent().remove(run)
        Paragraph(paragraph, self.paper._body).add_run(text)

    def note(self, old: str, new: str) -> None:
        self.put(old, new, self.notes)
        self.save_notes()

    def swap(self, one: str, other: str) -> None:
        first, second = self.controls[one], self.controls[other]
        place = deepcopy(first)
        first.addprevious(place)
        second.addprevious(first)
        place.addprevious(second)
        place.getparent().remove(place)

    def copy_into(self, code: str, words: str) -> None:
        self.line(words).append(deepcopy(self.controls[code]))

    def new_line(self, text: str, at: int = 20) -> None:
        paragraph = self.paper.paragraphs[at].insert_paragraph_before(text)
        assert paragraph.text == text


def beside(code: str, old: str, new: str) -> Act:
    return lambda hands: hands.beside(code, old, new)


def ahead(code: str, old: str, new: str) -> Act:
    return lambda hands: hands.beside(code, old, new, ahead=True)


def put(old: str, new: str) -> Act:
    return lambda hands: hands.put(old, new)


def note(old: str, new: str) -> Act:
    return lambda hands: hands.note(old, new)


def cell(annex: int, name: str, at: int, text: str) -> Act:
    return lambda hands: hands.cell(annex, name, at, text)


def remove_row(annex: int, name: str) -> Act:
    def act(hands: Hands) -> None:
        row = hands.row(annex, name)
        row.getparent().remove(row)

    return act


def merge_cells(annex: int, name: str) -> Act:
    """The third cell goes into the second."""

    def act(hands: Hands) -> None:
        cells = list(hands.row(annex, name).iter(f"{W}tc"))
        for paragraph in list(cells[2].iter(f"{W}p")):
            cells[1].append(paragraph)
        cells[2].getparent().remove(cells[2])

    return act


def merge_rows(annex: int, one: str, other: str) -> Act:
    def act(hands: Hands) -> None:
        first, second = hands.row(annex, one), hands.row(annex, other)
        for into, out in zip(first.iter(f"{W}tc"), list(second.iter(f"{W}tc")), strict=False):
            for paragraph in list(out.iter(f"{W}p")):
                into.append(paragraph)
        second.getparent().remove(second)

    return act


def copy_row(annex: int, name: str, new: str) -> Act:
    def act(hands: Hands) -> None:
        row = hands.row(annex, name)
        copy = deepcopy(row)
        row.addnext(copy)
        text = next(t for t in copy.iter(f"{W}t") if t.text == name)
        text.text = new

    return act


def swap(one: str, other: str) -> Act:
    return lambda hands: hands.swap(one, other)


def copied(code: str, words: str) -> Act:
    return lambda hands: hands.copy_into(code, words)


def typed(text: str) -> Act:
    return lambda hands: hands.type(text)


def written(code: str, text: str) -> Act:
    return lambda hands: hands.write(code, text)


def header(old: str, new: str) -> Act:
    def act(hands: Hands) -> None:
        for section in hands.paper.sections:
            for part in (section.header, section.first_page_header):
                for text in part._element.iter(f"{W}t"):
                    text.text = (text.text or "").replace(old, new)

    return act


def note_removed(at: int) -> Act:
    def act(hands: Hands) -> None:
        sign = list(hands.body.iter(f"{W}footnoteReference"))[at]
        sign.getparent().getparent().remove(sign.getparent())

    return act


HARM: dict[str, Act] = {
    # unit or word behind a figure
    "million to billion": beside("MH03.04", "triệu", "tỷ"),
    "million to thousand": beside("MH03.01", "triệu", "nghìn"),
    "million gone": beside("MH03.02", " triệu", ""),
    "dong to dollar": beside("MH03.11", "đồng", "USD"),
    "household to person": beside("MH03.06", "hộ", "người"),
    "poor to near poor behind": beside("NL02.06", "người nghèo", "người cận nghèo"),
    "person to visit": beside("HN06.03", "cán bộ", "lượt cán bộ"),
    "visits to persons": beside("HN06.02", "lượt người", "người"),
    "house to project": beside("NL02.03", "căn", "công trình"),
    "province to commune team": beside("KT04.01", "tỉnh", "xã"),
    "district to province team": beside("KT04.02", "huyện", "tỉnh"),
    "leaflet to book": beside("TT01.10", "tờ rơi", "cuốn sách"),
    "radio to television": beside("TT01.01", "phát thanh", "truyền hình"),
    "pupils to teachers": beside("NL02.07", "học sinh, sinh viên", "giáo viên"),
    "percent put in": beside("SK05.03", " tập thể", "% tập thể"),
    "groups to persons": beside("SK05.03", "tập thể", "cá nhân"),
    "families to persons": beside("SK05.04", "hộ gia đình", "cá nhân"),
    "gifts to millions": beside("NL02.10", "suất", "triệu suất"),
    "issued to not issued": beside("SY00.01.tong", "đã ban hành", "chưa ban hành"),
    "sent to not sent": beside("SY00.01.chua", "chưa gửi", "đã gửi"),
    "reports to letters": beside("SY00.01.bao_cao", "báo cáo", "công văn"),
    "built to repaired": beside("NL02.93", "xây mới và sửa chữa", "sửa chữa"),
    "conference to class": beside("TW06.01", "hội nghị tập huấn", "lớp tập huấn"),
    "with the front to without": beside("MH03.10", "có Mặt trận", "không có Mặt trận"),
    "province to district": beside("TW02.05.2", "tỉnh", "huyện"),
    "children to households": beside("TW02.05.1", "trẻ em", "hộ"),
    # label before a figure
    "poor to near poor": ahead("MH03.07", "hộ nghèo", "hộ cận nghèo"),
    "near poor to poor": ahead("MH03.08", "cận nghèo", "nghèo"),
    "left poverty to poor": ahead("MH03.09", "mới thoát nghèo", "nghèo"),
    "central to local money": ahead("MH03.01", "trung ương", "địa phương"),
    "local to central money": ahead("MH03.02", "địa phương", "trung ương"),
    "paid out to allotted": ahead("MH03.11", "giải ngân", "phân bổ"),
    "new to repaired": ahead("NL02.03", "xây mới", "sửa chữa"),
    "repaired to new": ahead("NL02.04", "sửa chữa", "xây mới"),
    "local to central line": put("Ở địa phương, về sản phẩm truyền thông", "Ở trung ương, về sản phẩm truyền thông"),  # noqa: E501
    "fund to direct": ahead("NL02.01", "Quỹ “Vì người nghèo”", "Ủng hộ trực tiếp"),
    "about put in": ahead("MH03.05", "thực hiện: ", "thực hiện: gần "),
    "over put in": ahead("NL02.03", "xây mới ", "xây mới trên "),
    "under put in": ahead("NL02.04", "sửa chữa ", "sửa chữa dưới "),
    "print run to titles": ahead("TT01.04", "phát hành ", "giảm "),
    "iron to wood": ahead("NL02.13.4", "khung sắt", "gỗ"),
    "family share to project": ahead("NL02.13.7", "hộ gia đình đối ứng", "Đề án hỗ trợ"),
    # controls
    "swapped in a line": swap("MH03.07", "MH03.08"),
    "swapped over lines": swap("KT04.01", "MH03.06"),
    "swapped money": swap("MH03.01", "MH03.02"),
    "swapped count and whole": swap("CT00.01", "SY00.01.tong"),
    "copied to another line": copied("MH03.05", "Tháng cao điểm"),
    "copied to a heading": copied("NL02.03", "III. ĐÁNH GIÁ CHUNG"),
    "copied to the recommendations": copied("SK05.05", "1. Đề nghị các địa phương"),
    "rewritten figure": written("MH03.05", "7"),
    "figure with a nought more": written("KT04.01", "1.234.000"),
    "figure of another": written("SK05.03", "62"),
    "figure emptied": written("SK05.05", ""),
    "figure taken out": lambda hands: hands.delete("HN06.01"),
    "figure unwrapped": lambda hands: hands.unwrap("KT04.04"),
    "digit against a figure": beside("SK05.04", " hộ gia đình", "0 hộ gia đình"),
    "typed anew": typed(" Có 765.432 hộ."),
    "typed small": typed(" Có 12 hộ được hỗ trợ."),
    "typed per cent": typed(" Đạt 95,5% kế hoạch."),
    "typed money": lambda hands: hands.new_line("Ngân sách cấp thêm 456.789 triệu đồng.", 30),
    # annex rows
    "annex name": cell(0, "Hà Giang", 1, "Hà Giang (mới)"),
    "annex other name": cell(0, "Tuyên Quang", 1, "Thái Bình X"),
    "annex mark gone": cell(0, "Hà Giang", 2, ""),
    "annex mark put": cell(0, "Cao Bằng", 2, "X"),
    "annex symbol": cell(0, "Lào Cai", 3, "02/CTr-MẪU&THỬ"),
    "annex symbol put": cell(0, "Yên Bái", 3, "05/CTr-UBND"),
    "annex day": cell(0, "Thái Nguyên", 4, "30/05/2024"),
    "annex day gone": cell(0, "Bắc Kạn", 4, ""),
    "annex number": cell(0, "Hà Giang", 0, "2"),
    "annex row gone": remove_row(0, "Lạng Sơn"),
    "annex row without marks gone": remove_row(0, "Cao Bằng"),
    "annex row twice": copy_row(0, "Lào Cai", "Lào Cai"),
    "annex row more": copy_row(0, "Lào Cai", "Hà Lan"),
    "annex rows merged": merge_rows(0, "Hà Giang", "Tuyên Quang"),
    "annex cells merged": merge_cells(0, "Lào Cai"),
    "annex region": put("Trung du và miền núi phía Bắc", "Trung du và miền núi phía Nam"),
    "annex head": put("Đã ban hành CTPH (X)", "Chưa ban hành CTPH (X)"),
    "annex 2 mark gone": cell(1, "Hà Giang", 2, ""),
    "annex 2 symbol": cell(1, "Hà Giang", 3, "09/BC-MẪU&THỬ"),
    "annex 2 day": cell(1, "Tuyên Quang", 4, "01/04/2024"),
    "annex 2 row gone": remove_row(1, "Tuyên Quang"),
    "annex 2 rows merged": merge_rows(1, "Hà Giang", "Tuyên Quang"),
    "annex 3 words": lambda hands: hands.put("Hà Giang, Tuyên Quang", "Hà Giang, Cao Bằng", hands.rows(2)[2]),
    "annex 3 count": lambda hands: hands.put("02 địa phương", "03 địa phương", hands.rows(2)[2]),
    "annex 3 row gone": lambda hands: hands.rows(2)[2].getparent().remove(hands.rows(2)[2]),
    # footnotes
    "note number": note("01/CV-MẪU&THỬ", "11/CV-MẪU&THỬ"),
    "note day": note("ngày 02/01/2023", "ngày 03/01/2023"),
    "note day of figures": note("tính đến ngày 30/4/2024", "tính đến ngày 15/4/2024"),
    "note symbol": note("Báo cáo số 01/BC-MẪU", "Báo cáo số 01/BC-KHÁC"),
    "note day of one of a list": note("Lào Cai (số 01/CTr-MẪU&THỬ ngày 30/4/2024)", "Lào Cai (số 01/CTr-MẪU&THỬ ngày 29/4/2024)"),  # noqa: E501
    "note number of one of a list": note("Tuyên Quang (số 01/", "Tuyên Quang (số 07/"),
    "note taken out": note_removed(0),
    # what is stated
    "as-of day": put("Tính đến ngày 30/4/2024", "Tính đến ngày 15/4/2024"),
    "as-of day of the second line": put("b) Đến ngày 30/4/2024", "b) Đến ngày 31/3/2024"),
    "as-of day in the lead": put("tính đến ngày 30/4/2024 và văn bản", "tính đến ngày 30/6/2024 và văn bản"),
    "symbol of the programme": put("109/CTr-BLĐTBXH-MTTW", "190/CTr-BLĐTBXH-MTTW"),
    "body in a symbol": put("109/CTr-BLĐTBXH-MTTW", "109/CTr-BNNMT-MTTW"),
    "day of the programme": put("ngày 11/01/2023", "ngày 11/10/2023"),
    "year of the report": put("giai đoạn 2021-2025 năm 2023", "giai đoạn 2021-2025 năm 2022"),
    "period": put("giai đoạn 2021-2025 năm", "giai đoạn 2016-2020 năm"),
    "year of the results": put("thực hiện năm 2023 như sau", "thực hiện năm 2022 như sau"),
    "decree in a line": put("Nghị định số 27/2022/NĐ-CP", "Nghị định số 27/2021/NĐ-CP"),
    "year before a sum": ahead("TW03.01.1", "năm 2022", "năm 2021"),
    # the header
    "agency": put("BỘ LAO ĐỘNG", "BỘ NỘI VỤ"),
    "symbol in the head": put("/BC-BLĐTBXH", "/BC-BNNMT"),
    "place": put("Hà Nội, ngày", "Huế, ngày"),
    "year in the head": put("năm 2024", "năm 2025"),
    "motto": put("Độc lập - Tự do - Hạnh phúc", "Độc lập - Tự do"),
    "mark of the rehearsal": header("BẢN DIỄN TẬP", "BẢN CHÍNH"),
}  # fmt: skip


def restyled(hands: Hands) -> None:
    for run in hands.paper.paragraphs[10].runs:
        run.bold = True


def split_runs(hands: Hands) -> None:
    """As Word does for its own reasons: spelling, revisions, languages."""
    for text in list(hands.texts()):
        words = text.text or ""
        run = text.getparent()
        if len(words) > 8 and len(run.findall(f"{W}t")) == 1 and len(run) <= 2:
            other = deepcopy(run)
            text.text, other.find(f"{W}t").text = words[:5], words[5:]
            for part in (text, other.find(f"{W}t")):
                part.set(qn("xml:space"), "preserve")
            run.addnext(other)


def moved_line(hands: Hands) -> None:
    hands.body.insert(12, hands.controls["KT04.01"].getparent())


def line_broken_up(hands: Hands) -> None:
    """What follows a figure begins a paragraph of its own."""
    control = hands.controls["MH03.07"]
    paragraph = control.getparent()
    rest = deepcopy(paragraph)
    at = paragraph.index(control) + 2
    for child in list(paragraph)[at:]:
        paragraph.remove(child)
    kept = rest.find(f"{W}pPr")
    for child in list(rest)[:at]:
        if child is not kept:
            rest.remove(child)
    paragraph.addnext(rest)


def lines_joined(hands: Hands) -> None:
    first = hands.line("Văn bản do Ban Thường trực")
    second = first.getnext()
    for child in list(second):
        if child.tag != f"{W}pPr":
            first.append(child)


def opinion(hands: Hands) -> None:
    for text in hands.texts():
        text.text = (text.text or "").replace(
            "[cần lãnh đạo cho ý kiến]", "Các địa phương đã triển khai tích cực"
        )


def number_and_day(hands: Hands) -> None:
    hands.put("Số:          /BC", "Số: 67/BC")
    hands.put("ngày      tháng      năm", "ngày 22 tháng 4 năm")
    hands.put(
        "Báo cáo số          /BC-BLĐTBXH ngày      tháng      năm",
        "Báo cáo số 67/BC-BLĐTBXH ngày 22 tháng 4 năm",
    )


def line_without(words: str) -> Act:
    def act(hands: Hands) -> None:
        line = hands.line(words)
        line.getparent().remove(line)

    return act


def new_line(text: str, at: int = 20) -> Act:
    return lambda hands: hands.new_line(text, at)


HARMLESS: dict[str, Act] = {
    "nothing": lambda hands: None,
    "bold": restyled,
    "runs cut up": split_runs,
    "a line moved": moved_line,
    "a line broken up": line_broken_up,
    "two lines joined": lines_joined,
    "part III written": opinion,
    "number and day filled in": number_and_day,
    "number filled in": put("Số:          /BC", "Số: 67/BC"),
    "day filled in": put("ngày      tháng      năm", "ngày 05 tháng 5 năm"),
    "a verb before": ahead("MH03.05", "thực hiện: ", "thực hiện: đã có "),
    "a verb behind": beside("MH03.06", "hộ tham gia", "hộ đã tham gia thực hiện"),
    "an adverb": beside("SK05.01", "đã sơ kết", "đã kịp thời sơ kết"),
    "where": beside("NL02.04", " căn", " căn tại các địa phương"),
    "in the country": beside("NL02.08", "lượt người nghèo", "lượt người nghèo trên địa bàn"),
    "comma for semicolon": beside("NL02.03", ";", ","),
    "full stop for semicolon": beside("MH03.06", "tham gia;", "tham gia."),
    "and for semicolon": beside("MH03.08", ";", " và"),
    "dash at the head": put("- Kết quả thực hiện: ", "+ Kết quả thực hiện: "),
    "capital letter": put("- Về tập huấn, hội nghị", "- Tập huấn, hội nghị"),
    "another verb": beside("TW02.04.3", "căn nhà", "căn nhà đã được bàn giao"),
    "label turned": ahead("MH03.11", "đã giải ngân ", "số đã giải ngân là "),
    "support said shorter": beside("NL02.08", "được hỗ trợ phát triển", "được phát triển"),
    "lead said otherwise": put("căn cứ báo cáo của các địa phương", "trên cơ sở báo cáo của các địa phương"),
    "a heading": put("III. ĐÁNH GIÁ CHUNG", "III. ĐÁNH GIÁ TÌNH HÌNH"),
    "a heading numbered otherwise": put("2. Ở địa phương", "2.1. Ở địa phương"),
    "a new sentence": typed(" Nhìn chung, các địa phương đã chủ động phối hợp."),
    "a new paragraph": new_line("Các cấp, các ngành đã vào cuộc quyết liệt, đồng bộ."),
    "a document cited": typed(" Căn cứ Quyết định số 90/QĐ-TTg ngày 18/01/2022, Điều 5, Phụ lục 2."),
    "a year cited": new_line("Kết quả này tạo đà cho năm 2024 và giai đoạn 2026-2030."),
    "a recommendation": new_line("3. Đề nghị Bộ sớm hướng dẫn tiêu chí mới.", 60),
    "a sentence taken out": line_without("Văn phòng Quốc gia về giảm nghèo đã đề nghị"),
    "a recommendation taken out": line_without("2. Đề nghị các địa phương chưa gửi"),
    "a recommendation rewritten": put("khẩn trương hoàn thành, gửi báo cáo", "sớm gửi báo cáo đầy đủ"),
    "a recipient": put("- Văn phòng Bộ;", "- Văn phòng Bộ, Thanh tra Bộ;"),
    "the signer": put("THỨ TRƯỞNG", "THỨ TRƯỞNG THƯỜNG TRỰC"),
    "the last sign": put("theo đề cương./.", "theo đề cương."),
    "blanks": put("- Ở địa phương, về", "-  Ở địa phương,  về"),
    "a note said otherwise": note("Trong đó có số liệu đang được địa phương rà soát", "Có số liệu đang được địa phương rà soát"),  # noqa: E501
    "day written out": put("Tính đến ngày 30/4/2024", "Tính đến ngày 30/04/2024"),
    "rows in another order": lambda hands: hands.row(0, "Hà Giang").addprevious(hands.row(0, "Tuyên Quang")),
    "an empty line": new_line(""),
}  # fmt: skip


def edited_by(content: bytes, act: Act) -> bytes:
    hands = Hands(content)
    act(hands)
    return hands.content


def test_there_are_enough_of_them() -> None:
    assert len(HARM) >= 90
    assert len(HARMLESS) >= 40


@pytest.mark.deep
@pytest.mark.ci
def test_each_harm_is_told(compiled: tuple[bytes, FigureSets]) -> None:
    content, facts = compiled
    missed = [
        name for name, act in HARM.items() if not review(edited_by(content, act), content, facts).points
    ]
    assert missed == []


@pytest.mark.deep
@pytest.mark.ci
def test_nothing_harmless_is(compiled: tuple[bytes, FigureSets]) -> None:
    content, facts = compiled
    alarms = {name: told(review(edited_by(content, act), content, facts)) for name, act in HARMLESS.items()}
    assert {name: points for name, points in alarms.items() if points} == {}


@pytest.mark.deep
def test_through_libreoffice(compiled: tuple[bytes, FigureSets], tmp_path: Path) -> None:
    """Every fourth edit of either kind, saved again by another program."""
    content, facts = compiled
    missed: list[str] = []
    alarms: list[str] = []
    for table, wrong in ((HARM, missed), (HARMLESS, alarms)):
        for name, act in list(table.items())[::4]:
            file = tmp_path / "sua.docx"
            file.write_bytes(edited_by(content, act))
            points = review(saved_again(file, tmp_path).read_bytes(), content, facts).points
            if bool(points) != (table is HARM):
                wrong.append(name)
    assert (missed, alarms) == ([], [])


def test_points_say_what_and_where(compiled: tuple[bytes, FigureSets]) -> None:
    content, facts = compiled
    for name, kind, words in (
        ("million to billion", "reworded", "tỷ"),
        ("swapped in a line", "reworded", "hộ"),
        ("copied to another line", "misplaced", ""),
        ("annex day", "row", "30/05/2024"),
        ("as-of day", "stated", "15/4/2024"),
        ("symbol in the head", "header", "BNNMT"),
        ("typed anew", "typed", "765.432"),
    ):
        points = review(edited_by(content, HARM[name]), content, facts).points
        assert [p for p in points if p.kind == kind and words in p.seen + p.why], (name, points)
