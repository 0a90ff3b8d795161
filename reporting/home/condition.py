"""What state a folder is in that is no home one can work in, and the ways out of it."""

from pathlib import Path

from reporting.errors import BadInput
from reporting.home.leftovers import left_behind

_HOLDINGS = {
    "originals": "bản gốc",
    "letters": "công văn",
    "reports": "tệp báo cáo",
    "drop/processed": "tệp đã nhận",
    "backups": "bản sao cơ sở dữ liệu",
}
ASIDE = "kybaocao.db.hong-"  # with the moment: a damaged database that a rebuild put aside


def holdings(home: Path) -> dict[str, int]:
    """How many files a home holds that only work can have brought there, by what they are."""
    counts = {words: _count(home / folder) for folder, words in _HOLDINGS.items()}
    counts["cơ sở dữ liệu hỏng để lại"] = len([*home.glob(f"{ASIDE}*")])
    return {words: count for words, count in counts.items() if count}


def _count(folder: Path) -> int:
    return sum(1 for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))


def no_home(home: Path) -> BadInput:
    """There is no folder."""
    left = ", ".join(str(path) for path in left_behind(home))
    rest = f" Lệnh restore dừng giữa chừng còn để lại {left}; lần chạy sau sẽ xóa." if left else ""
    return BadInput(f"Chưa có thư mục làm việc {home}: hãy chạy 'kybaocao init' trước.{rest}")


def no_database(home: Path) -> BadInput:
    """There is a folder and no database, an empty one, or one whose making was cut short."""
    held = holdings(home)
    if held:
        return lost_database(home, held)
    return BadInput(
        f"Thư mục {home} chưa có cơ sở dữ liệu, hoặc lệnh init đã dừng giữa chừng: "
        "hãy chạy 'kybaocao init', lệnh này làm nốt."
    )


def lost_database(home: Path, held: dict[str, int]) -> BadInput:
    """The work of an office is there and its database is not: that is no new home."""
    what = ", ".join(f"{count} {words}" for words, count in held.items())
    return BadInput(
        f"Thư mục {home} có {what} nhưng cơ sở dữ liệu bị mất hoặc trống: không lập mới. {_WAYS_OUT}"
    )


def damaged_database(home: Path, what: str) -> BadInput:
    """The database is there and cannot be trusted."""
    return BadInput(f"Cơ sở dữ liệu của {home} bị hỏng ({what}): giữ nguyên thư mục. {_WAYS_OUT}")


_WAYS_OUT = (
    "Khôi phục bản sao lưu vào thư mục mới: kybaocao --home MỚI restore TỆP; không có bản sao lưu thì lập "
    "lại từ bản gốc, phần còn được: kybaocao init --rebuild --by TÊN --why LÝ-DO."
)
