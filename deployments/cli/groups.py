"""The commands as the first help page shows them: by the day's work, the commonest first."""

from typing import Any

GROUPS = {
    "Mỗi ngày": ("status", "run-day", "call-list", "call", "handover", "day"),
    "Mở kỳ, gia hạn": ("open", "extend", "form"),
    "Thư đến và rà soát": ("collect", "quarantine", "record", "findings", "waive", "check"),
    "Thư đi": ("outbox", "send", "remind", "escalate"),
    "Số liệu và báo cáo": (
        "register",
        "figures",
        "compile",
        "explain",
        "changes",
        "period-report",
        "export",
        "import",
    ),
    "Duyệt và ban hành": ("check-report", "approve", "return", "issue", "correct-report"),
    "Đơn vị và liên hệ": ("contacts", "units"),
    "Nhật ký và dữ liệu cá nhân": ("audit", "retention", "erase"),
    "Cài đặt và vận hành": (
        "setup",
        "init",
        "person",
        "check-config",
        "new-programme",
        "serve",
        "replay",
        "backup",
        "restore",
    ),
}


def arrange(command: Any) -> None:
    """Put the commands of the whole program into their groups; one without a group comes last."""
    ordered = {}
    for title, names in GROUPS.items():
        for name in names:
            below = command.commands[name]
            below.rich_help_panel = title
            ordered[name] = below
    command.commands = {**ordered, **command.commands}
