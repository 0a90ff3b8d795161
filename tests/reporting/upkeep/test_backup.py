"""A home in one file and back, while a cycle is open."""

import tarfile
from datetime import date
from pathlib import Path

import pytest

from config.settings import Settings
from reporting.errors import BadInput
from reporting.home.folder import open_home
from reporting.states import MessageKind
from reporting.store.tables import Message
from reporting.upkeep.backup import back_up, restore
from tests.workplace import HANOI, NGHE_AN, OWN, PDF, Workplace, box


def test_a_cycle_goes_on_in_the_home_that_was_restored(place: Workplace, tmp_path: Path) -> None:
    place.report(HANOI, date(2024, 1, 8))
    reply_to = place.reply_address(NGHE_AN)
    form = place.form(NGHE_AN, "7/BC-SLĐTBXH", date(2024, 1, 9))
    file = tmp_path / "sao-luu.tar.gz"
    assert back_up(place.settings, file) == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0  # it holds the key and addresses
    place.report(NGHE_AN, date(2024, 1, 9))  # lost: it came after the backup

    settings = Settings(home=tmp_path / "moi" / "home", mail_from=OWN)
    assert restore(settings, file) == settings.home
    assert settings.home.stat().st_mode & 0o077 == 0
    again = Workplace(
        open_home(settings), settings, place.programme, today=date(2024, 1, 9), numbers=place.numbers
    )
    assert again.state(HANOI) == "accepted"
    assert again.state(NGHE_AN) == "missing"
    assert [each.state for each in again.messages(MessageKind.REQUEST)] == [
        each.state for each in place.messages(MessageKind.REQUEST)
    ]
    # A form that was issued before is still known as ours: the key came along.
    mail = again.mail(box(NGHE_AN), {"b.xlsx": form, "a.pdf": PDF}, to=reply_to)
    assert again.receive(mail, date(2024, 1, 10)).unit == "Nghệ An"
    assert again.state(NGHE_AN) == "accepted"
    assert again.count(Message) > 0
    again.home.engine.dispose()


def test_a_home_with_something_in_it_is_never_overwritten(place: Workplace, tmp_path: Path) -> None:
    file = tmp_path / "sao-luu.tar.gz"
    back_up(place.settings, file)
    before = sorted(path.name for path in place.home.path.iterdir())
    with pytest.raises(BadInput, match="không trống"):
        restore(place.settings, file)
    assert sorted(path.name for path in place.home.path.iterdir()) == before
    with pytest.raises(BadInput, match="Đã có"):
        back_up(place.settings, file)


def test_a_broken_file_leaves_nothing_behind(place: Workplace, tmp_path: Path) -> None:
    whole, cut, other = (tmp_path / name for name in ("a.tar.gz", "b.tar.gz", "c.tar.gz"))
    back_up(place.settings, whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with tarfile.open(other, "w:gz") as archive:
        archive.add(whole, "khac")
    folder = tmp_path / "trong"
    folder.mkdir()
    settings = Settings(home=folder / "home")
    for file, words in ((cut, "Không đọc được"), (other, "không phải là bản sao lưu"), (folder, "Không đọc")):
        with pytest.raises(BadInput, match=words):
            restore(settings, file)
        assert list(folder.iterdir()) == []
