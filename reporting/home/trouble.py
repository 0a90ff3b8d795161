"""What the disk, or whoever holds the database, makes impossible: told as that, wherever it broke off."""

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from reporting.store.health import HELD, is_of_disk

_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS}
_OURS = _FULL | _READ_ONLY | {errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE}
_LITTLE = 1 << 20  # bytes free: nothing of ours fits in


def is_of_this_machine(error: OSError) -> bool:
    """Whether an error is about a file or this machine's limits, and no server's fault."""
    return error.errno in _OURS or error.filename is not None


def trouble(error: BaseException, home: Path) -> str | None:
    """One sentence, in Vietnamese, on what a person has to mend; None for any other error.

    SQLite says "disk I/O error" of a full disk and "unable to open" of one that may not be written to:
    so the disk is looked at, too.
    """
    cause = getattr(error, "orig", None) or error  # SQLAlchemy's holds the driver's
    if isinstance(cause, sqlite3.Error):
        if not is_of_disk(cause):
            return None
        code = cause.sqlite_errorcode & 0xFF
        if code in HELD:
            return _BUSY
        is_full, is_locked_up = code == sqlite3.SQLITE_FULL, code == sqlite3.SQLITE_READONLY
    elif isinstance(cause, OSError) and cause.errno in _OURS:
        is_full, is_locked_up = cause.errno in _FULL, cause.errno in _READ_ONLY
    else:
        return None
    return _of_disk(cause, _existing(home), is_full=is_full, is_locked_up=is_locked_up)


_BUSY = (
    "Cơ sở dữ liệu đang bị một tiến trình khác giữ quá lâu: chưa ghi gì, hãy chạy lại sau. Vẫn vậy thì xem "
    "lệnh hay lượt chạy nào chưa xong."
)


def _of_disk(cause: BaseException, home: Path, *, is_full: bool, is_locked_up: bool) -> str:
    free = shutil.disk_usage(home).free
    if is_full or free < _LITTLE:
        where = f"của {home}" if free < _LITTLE else "hoặc thư mục tạm, nơi tệp được ghi,"
        return (
            f"Đĩa {where} đã đầy: việc đang ghi dở đã bỏ, không mất gì. Giải phóng chỗ trên đĩa rồi chạy lại."
        )
    if is_locked_up or os.statvfs(home).f_flag & os.ST_RDONLY or not os.access(home, os.W_OK):
        return f"Không được ghi vào {home} (chỉ đọc): chưa ghi gì. Cho ghi trở lại rồi chạy lại."
    return f"Đĩa của {home} không đọc hoặc ghi được ({cause}): kiểm tra ổ đĩa, quyền và hạn mức rồi chạy lại."


def _existing(path: Path) -> Path:
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.is_dir())
