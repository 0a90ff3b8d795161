"""Files that claim to be backups: none writes outside the new home, none leaves anything behind."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings
from reporting.errors import BadInput
from reporting.home.archive import LIST
from reporting.home.folder import open_home
from reporting.home.packed import BadArchive
from reporting.upkeep import unpacking
from reporting.upkeep.backup import back_up, restore
from tests.workplace import Workplace, copy_home

Member = tuple[tarfile.TarInfo, bytes]
Change = Callable[[list[Member]], list[Member]]


def members_of(archive: Path) -> list[Member]:
    with tarfile.open(archive) as file:
        return [(each, ((content := file.extractfile(each)) and content.read()) or b"") for each in file]


def write(archive: Path, members: list[Member]) -> Path:
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as file:
        for info, content in members:
            file.addfile(info, io.BytesIO(content))
    return archive


def member(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = "") -> Member:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    return info, content if kind == tarfile.REGTYPE else b""


def listed(members: list[Member], **head: object) -> list[Member]:
    """The same with a list that names just what is there, as somebody would make it who means harm."""
    files = [(info.name, info.size, hashlib.sha256(content).hexdigest()) for info, content in members]
    lines: list[object] = [{"format": 2, "revision": "0001", "files": len(files), **head}, *files]
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return [member(LIST, content), *members]


def without_list(members: list[Member]) -> list[Member]:
    return [each for each in members if each[0].name != LIST]


def also(*more: Member) -> Change:
    return lambda members: [*members, *more]


def altered(members: list[Member]) -> list[Member]:
    """One byte of an original is another; its size and the list are as they were."""
    place = next(number for number, (info, _) in enumerate(members) if info.name.startswith("originals/"))
    info, content = members[place]
    return [*members[:place], (info, content[:-1] + bytes([content[-1] ^ 1])), *members[place + 1 :]]


LINK, HARD, DEVICE, PIPE = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE
HOSTILE: dict[str, tuple[Change, str]] = {
    "absolute path": (also(member("/etc/hostile")), "không phải là bản sao lưu"),
    "way out": (also(member("../ngoai")), "không phải là bản sao lưu"),
    "way out of a folder": (also(member("drop/../../ngoai")), "không phải là bản sao lưu"),
    "dots": (also(member("drop/./x")), "không phải là bản sao lưu"),
    "no name": (also(member("drop/")), "không phải là bản sao lưu"),
    "long name": (also(member("drop/" + "x" * 300)), "không phải là bản sao lưu"),
    "other folder": (also(member("prefect/prefect.db")), "không phải là bản sao lưu"),
    "the key as a folder": (also(member("secret.key/x")), "không phải là bản sao lưu"),
    "link": (also(member("drop/x", kind=LINK, link="/etc/passwd")), "không phải là tệp thường"),
    "file through a link": (
        also(member("drop/x", kind=LINK, link="../.."), member("drop/x/ngoai")),
        "không phải là tệp thường",
    ),
    "hard link": (also(member("drop/x", kind=HARD, link="../ngoai")), "không phải là tệp thường"),
    "device": (also(member("drop/x", kind=DEVICE)), "không phải là tệp thường"),
    "pipe": (also(member("drop/x", kind=PIPE)), "không phải là tệp thường"),
    "twice": (lambda members: [*members, members[-1]], "hai lần"),
    "file as a folder": (also(member("drop/x"), member("drop/x/y")), "hai lần"),
    "folder as a file": (also(member("drop/x/y"), member("drop/x")), "hai lần"),
    "altered": (altered, "khác với lúc sao lưu"),
    "no database": (lambda members: [m for m in members if m[0].name != "kybaocao.db"], "thiếu kybaocao.db"),
    "garbage as database": (
        lambda members: [m for m in members if m[0].name != "kybaocao.db"] + [member("kybaocao.db", b"rac")],
        "cơ sở dữ liệu bị hỏng",
    ),
    "empty": (lambda _members: [], "Không đọc được"),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, opened_home: Path) -> Path:
    """The backup of an opened home."""
    folder = tmp_path_factory.mktemp("saved")
    place = copy_home(opened_home, folder / "home")
    place.home.engine.dispose()
    back_up(place.settings, folder / "sao-luu.tar.gz")
    return folder / "sao-luu.tar.gz"


def refuse(tmp_path: Path, archive: Path, words: str) -> None:
    """It is refused in one line, and neither beside nor outside of where it was meant to lie is anything."""
    folder = tmp_path / "giua" / "trong"
    folder.mkdir(parents=True, exist_ok=True)
    (tmp_path / "ngoai").write_bytes(b"cu")
    with pytest.raises(BadInput, match="Không đọc được bản sao lưu") as caught:
        restore(Settings(home=folder / "home"), archive)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(folder.iterdir()) == []
    assert (tmp_path / "ngoai").read_bytes() == b"cu"
    assert list((tmp_path / "giua").iterdir()) == [folder]


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("has_list", [True, False])
def test_a_hostile_archive_is_refused(tmp_path: Path, saved: Path, kind: str, has_list: bool) -> None:
    """With a list that says the same, and without any, as archives were once."""
    change, words = HOSTILE[kind]
    members = change(without_list(members_of(saved)))
    if has_list and kind == "altered":
        members = change(members_of(saved))
    elif has_list:
        members = listed(members)
    refuse(tmp_path, write(tmp_path / "x.tar.gz", members), words)


def test_what_the_list_says_is_what_is_there(tmp_path: Path, saved: Path) -> None:
    whole = members_of(saved)
    file = tmp_path / "x.tar.gz"
    refuse(tmp_path, write(file, [*whole, member("drop/them")]), "không có trong danh mục")
    refuse(tmp_path, write(file, whole[:-1]), "không đầy đủ: thiếu")
    refuse(tmp_path, write(file, [*whole[1:], whole[0]]), "không phải là bản sao lưu")
    refuse(tmp_path, write(file, listed(whole[1:], format=3)), "mới hơn")
    refuse(tmp_path, write(file, listed(whole[1:], revision="9999")), "mới hơn")
    refuse(tmp_path, write(file, [member(LIST, b"rac"), *whole[1:]]), "Không đọc được")
    refuse(tmp_path, write(file, [member(LIST, b'{"format": 2}\n[1]\n'), *whole[1:]]), "Không đọc được")


@pytest.mark.parametrize("size", [1, 100, 5000])
def test_a_cut_or_flipped_file_is_refused(tmp_path: Path, saved: Path, size: int) -> None:
    whole, file = saved.read_bytes(), tmp_path / "x.tar.gz"
    for content in (
        whole[:-size],
        whole[: -size - 1] + bytes([whole[-size - 1] ^ 1]) + whole[-size:],
        whole[:size],
        whole + b"more",
    ):
        file.write_bytes(content)
        refuse(tmp_path, file, "")


def test_a_bomb_is_refused_before_anything_is_unpacked(
    tmp_path: Path, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_arguments: object) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(unpacking, "unpack", never)
    file = tmp_path / "x.tar.gz"
    zeros = member("drop/khong", bytes(400 << 20))
    for members in (
        [*without_list(members_of(saved)), zeros],
        listed([*without_list(members_of(saved)), zeros]),
    ):
        refuse(tmp_path, write(file, members), "giải nén ra lớn hơn 200 lần")
    # A header that claims to be long is not read into memory.
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 3 << 30
    with gzip.open(file, "wb") as packed:
        packed.write(info.tobuf() + bytes(1 << 20))
    refuse(tmp_path, file, "phần đầu tệp quá dài")


def test_what_the_disk_cannot_hold_is_refused_by_what_the_list_says(saved: Path) -> None:
    with pytest.raises(BadArchive, match="đĩa chỉ còn"):
        unpacking.check(saved, free=unpacking.RESERVE + 1000)


def test_an_archive_of_before_there_was_a_list_is_read(tmp_path: Path, saved: Path) -> None:
    folders = [member(name, kind=tarfile.DIRTYPE) for name in ("originals", "drop", "drop/processed")]
    old = write(tmp_path / "cu.tar.gz", [*folders, *without_list(members_of(saved))])
    again = open_home(Settings(home=restore(Settings(home=tmp_path / "moi"), old)))
    assert again.secret_key == open_home(Settings(home=saved.with_name("home"))).secret_key


def test_names_that_are_odd_but_harmless_come_back(place: Workplace, tmp_path: Path) -> None:
    odd = [b"dai" * 80, b"ti\xe1\xbb\x87p.xlsx", b"\xff\xfe", b"hai\ndong", b"..ba", b"-r", b"a\\b"]
    for name in odd:
        (place.home.drop / name.decode("utf-8", "surrogateescape")).write_bytes(name)
    (place.home.drop / "lien-ket").symlink_to("/etc/passwd")
    file = tmp_path / "x.tar.gz"
    back_up(place.settings, file)
    home = restore(Settings(home=tmp_path / "moi"), file)
    assert sorted(
        path.name.encode("utf-8", "surrogateescape") for path in (home / "drop").iterdir()
    ) == sorted(odd)
    modes = {path.stat().st_mode & 0o777 for path in home.rglob("*") if path.is_file()}
    assert modes == {0o600}
