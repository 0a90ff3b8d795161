"""A whole home in one file, and back: for a new machine, before an upgrade, after a disk has died."""

import os
import shutil
import tarfile
import tempfile
from pathlib import Path

from config.settings import Settings
from reporting.errors import BadInput
from reporting.home import open_home
from reporting.store.upgrade import copy_database

DATABASE = "kybaocao.db"
# Prefect's own database is left out: it is made anew, and what was done stands in ours.
KEPT = ("secret.key", "originals", "letters", "reports", "drop", "status")


def back_up(settings: Settings, target: Path) -> int:
    """Write the home into ``target`` (.tar.gz) while it may be at work; its size in bytes.

    The database is copied first: originals are only ever added, so the copy never names one that is
    not in the file. Raises BadInput for a file that is there, and for a database of its own server.
    """
    if settings.database_url is not None:
        raise BadInput(
            "Cơ sở dữ liệu ở máy chủ riêng: sao lưu bằng 'pg_dump --format=custom --file=kybaocao.dump "
            "TÊN-CSDL' và chép thư mục làm việc."
        )
    if target.exists():
        raise BadInput(f"Đã có {target}: hãy chọn tên khác.")
    if not target.parent.is_dir():
        raise BadInput(f"Không có thư mục {target.parent}.")
    home = open_home(settings)  # refused unless it is there and of our version
    home.engine.dispose()
    part = target.with_name(f".{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            copy = Path(folder) / DATABASE
            copy_database(home.path / DATABASE, copy)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
                archive.add(copy, DATABASE)
                for name in KEPT:
                    if (home.path / name).exists():
                        archive.add(home.path / name, name)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return target.stat().st_size


def restore(settings: Settings, source: Path) -> Path:
    """Lay the home of a backup where the settings want it; it is there whole or not at all.

    Raises BadInput when something lies there already, or when the file is no whole backup.
    """
    target = settings.home.absolute()
    if settings.database_url is not None:
        raise BadInput(
            "Cơ sở dữ liệu ở máy chủ riêng: khôi phục bằng 'pg_restore --dbname=TÊN-CSDL kybaocao.dump' "
            "và chép lại thư mục làm việc."
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(f"{target} không trống: chỉ khôi phục vào một thư mục làm việc mới.")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        _unpack(source, part)
        part.chmod(0o700)
        if target.exists():
            target.rmdir()
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return target


def _unpack(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source, mode="r:gz") as archive:
            archive.extractall(folder, filter="data")  # nothing outside the folder, no device, no link out
    except (OSError, EOFError, tarfile.TarError) as error:
        raise BadInput(f"Không đọc được bản sao lưu {source.name}: {error}.") from error
    missing = [name for name in (DATABASE, "originals") if not (folder / name).exists()]
    if missing:
        raise BadInput(f"{source.name} không phải là bản sao lưu đầy đủ: thiếu {', '.join(missing)}.")
