"""init, check-config, serve, replay."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import terminal
from deployments.cli.terminal import say

if TYPE_CHECKING:
    from config.settings import Settings

OptionalBy = Annotated[
    str | None, typer.Option("--by", help="Người quyết định.", metavar="TÊN", callback=terminal.filled)
]
OptionalWhy = Annotated[
    str | None, typer.Option("--why", help="Lý do.", metavar="LÝ DO", callback=terminal.filled)
]


def init(
    backed_up: Annotated[
        bool, typer.Option("--backed-up", help="Đã tự sao lưu cơ sở dữ liệu PostgreSQL trước khi nâng cấp.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Mất cơ sở dữ liệu và không có bản sao lưu: lập lại từ bản gốc.")
    ] = False,
    resume_mail: Annotated[
        bool, typer.Option("--resume-mail", help="Sau khi lập lại: cho gửi thư cho đơn vị trở lại.")
    ] = False,
    by: OptionalBy = None,
    why: OptionalWhy = None,
) -> None:
    """Tạo hoặc nâng cấp thư mục làm việc (tự sao lưu trước), cơ sở dữ liệu, khóa; chạy lại không hại gì."""
    from deployments.service.login import login_in_use
    from reporting import clock
    from reporting.errors import BadInput
    from reporting.home.folder import init_home, upgrade_is_due

    settings, now = terminal.settings(), clock.now()
    if rebuild or resume_mail:
        if by is None or why is None:
            raise BadInput("Cần đủ: --by, --why.")
        _rebuild(settings, now, by, why) if rebuild else _resume_mail(settings, now, by, why)
        return
    if not upgrade_is_due(settings):
        path = init_home(settings, now).path
        login_in_use(settings, path)
        say(f"Thư mục làm việc: {path}")
        return
    from deployments.service.children import held

    with held(settings.home / "run" / "serve.lock", "kybaocao serve"):
        home = init_home(settings, now, backed_up=backed_up)
    login_in_use(settings, home.path)
    say(f"Đã nâng cấp {home.path}.")
    for copy in sorted((home.path / "backups").glob(f"kybaocao-{now:%Y-%m-%d-%H%M%S}-*.db")):
        say(f"Bản sao cơ sở dữ liệu trước khi nâng cấp: {copy}")


def _rebuild(settings: "Settings", now: datetime, by: str, why: str) -> None:
    from deployments.service.children import held
    from reporting.home.condition import no_home
    from reporting.upkeep.rebuild import rebuild

    if not settings.home.is_dir():
        raise no_home(settings.home.absolute())
    with held(settings.home / "run" / "serve.lock", "kybaocao serve"):
        rebuilt = rebuild(settings, now, by=by, why=why)
    say(f"Đã lập lại {rebuilt.home}: {rebuilt.words}.")
    if rebuilt.altered:
        terminal.complain(f"Bị thay đổi, không dùng: {len(rebuilt.altered)} bản gốc.")
    if rebuilt.has_new_key:
        terminal.complain(
            "Không còn khóa cũ, đã lập khóa mới: biểu và địa chỉ trả lời đã phát không còn được nhận ra."
        )
    say("Không lập lại được: danh bạ, kỳ đã mở, thư đã gửi, số liệu đã nhận, mọi quyết định, cuộc gọi.")
    say("Công văn, báo cáo cũ: letters, reports, thư mục truoc-khi-lap-lai-….")
    say("Chưa gửi thư nào cho đơn vị. Nhập lại danh bạ, mở lại kỳ, hủy thư đã gửi trước đây (outbox), rồi:")
    say("  kybaocao init --resume-mail --by TÊN --why LÝ-DO")


def _resume_mail(settings: "Settings", now: datetime, by: str, why: str) -> None:
    from reporting.home.folder import open_home
    from reporting.store.engine import writing
    from reporting.upkeep.rebuild import let_mail_go

    with writing(open_home(settings).engine) as session:
        let_mail_go(session, now, by=by, why=why)
    say("Thư cho đơn vị được gửi từ lượt tới.")


def check_config(
    folder: Annotated[
        Path | None, typer.Argument(help="Thư mục chương trình (mặc định: mọi chương trình đã thiết lập).")
    ] = None,
) -> None:
    """Đọc chương trình, dựng thử mọi mẫu; báo mọi chỗ sai kèm tệp và dòng."""
    from reporting import clock
    from reporting.check_config import check_folders, notices, overridden
    from reporting.errors import BadInput

    settings = terminal.settings()
    folders, mistakes = check_folders(folder, settings)
    for mistake in mistakes:
        terminal.complain(str(mistake))
    if mistakes:
        raise BadInput(f"{len(mistakes)} chỗ cần sửa.")
    say(f"Cấu hình hợp lệ: {', '.join(path.name for path in folders)}.")
    for line in overridden(folders, settings):
        say(f"Văn phòng đã đặt: {line}.")
    for line in notices(folders, settings, clock.day_of(clock.now())):
        say(f"Lưu ý: {line}.")


def new_programme(
    name: Annotated[str, typer.Argument(help="Mã chương trình: chữ thường, số, gạch nối.", metavar="NAME")],
) -> None:
    """Lập thư mục khung, có chú giải, cho một chương trình mới; chạy được ngay, rồi sửa dần."""
    from reporting.programme.starter import make_programme

    folder = make_programme(terminal.settings(), name)
    say(f"Đã lập {folder}. Đọc {folder / 'README.md'}, sửa từng tệp rồi chạy:")
    say(f"  kybaocao check-config {folder}")
    say("Nội dung trong khung là giả định; chưa có thư nào được gửi trước khi đăng ký công văn đã ký của kỳ.")


def serve(
    port: Annotated[int, typer.Option(help="Cổng của giao diện Prefect.")] = 4200,
    pages_port: Annotated[int, typer.Option(help="Cổng của trang tình hình và báo cáo.")] = 4201,
    desk_port: Annotated[int, typer.Option(help="Cổng của bàn làm việc.")] = 4202,
    host: Annotated[
        str,
        typer.Option(help="Địa chỉ mở cổng; 0.0.0.0 thì phải đặt KYBAOCAO_SERVE_ADDRESSES."),
    ] = "127.0.0.1",
) -> None:
    """Chạy máy chủ Prefect, lịch, tiến trình xử lý và trang để xem, trên một máy."""
    from deployments.service.serve import serve as run

    settings = terminal.settings()
    run(settings, port=port, pages_port=pages_port, desk_port=desk_port, host=host, say=say)


def replay(
    cycle: Annotated[str, typer.Argument(help="Kỳ diễn tập, ví dụ annual-2023.", metavar="CYCLE")],
) -> None:
    """Diễn tập cả kỳ theo từng ngày, với máy chủ thư riêng và những người giả lập."""
    from deployments.rehearsal.replay import replay as run
    from deployments.rehearsal.summary import summary

    settings = terminal.settings()
    home = run(settings, cycle, tell=say)
    for line in summary(settings, home, cycle):
        say(line)


def backup(
    file: Annotated[Path, typer.Argument(help="Tệp .tar.gz sẽ ghi.", metavar="FILE")],
) -> None:
    """Sao lưu cả thư mục làm việc vào một tệp; không cần dừng gì."""
    from reporting.upkeep.backup import back_up

    size = back_up(terminal.settings(), file)
    say(f"Đã sao lưu vào {file} ({size / 1e6:.1f} MB). Tệp có khóa và địa chỉ thư: giữ kín.")


def restore(
    file: Annotated[Path, typer.Argument(help="Tệp sao lưu.", metavar="FILE")],
) -> None:
    """Khôi phục vào một thư mục làm việc mới, còn trống."""
    from reporting.upkeep.backup import originals_at_fault
    from reporting.upkeep.backup import restore as run

    home = run(terminal.settings(), file)
    say(f"Đã khôi phục vào {home}. Chạy tiếp: kybaocao init, rồi serve.")
    if lacking := originals_at_fault(home):
        terminal.complain(f"Bản sao lưu {lacking}: hãy tìm trong các bản sao lưu trước.")


def add_to(app: typer.Typer) -> None:
    app.command("init")(init)
    app.command("check-config")(check_config)
    app.command("new-programme")(new_programme)
    app.command("serve")(serve)
    app.command("replay")(replay)
    app.command("backup")(backup)
    app.command("restore")(restore)
