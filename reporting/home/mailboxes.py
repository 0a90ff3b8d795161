"""The mailboxes of several programmes, as the settings give them: one they share, or their own."""

from collections.abc import Collection

from config.settings import Settings


def mailbox_mistakes(settings: Settings, programmes: Collection[str]) -> list[str]:
    """What is wrong with the programmes' own mailboxes: an unknown programme, an address used twice.

    An address entered for one programme is that programme's alone: replies that carry no mark of
    ours are told apart by nothing else.
    """
    name = "KYBAOCAO_MAILBOXES"
    wrong = [
        f"{name}: không có chương trình '{programme}'."
        for programme in settings.mailboxes
        if programme not in programmes
    ]
    shared = [programme for programme in programmes if programme not in settings.mailboxes]
    holders: dict[str, str] = {}
    if settings.mail_from and shared:
        holders[settings.mail_from.strip().lower()] = shared[0]
    for programme, mailbox in settings.mailboxes.items():
        address = mailbox.mail_from.strip().lower()
        if address in holders:
            wrong.append(
                f"{name}: chương trình {holders[address]} và {programme} cùng dùng địa chỉ {address}; "
                "mỗi chương trình có hộp thư riêng phải có địa chỉ riêng."
            )
        holders.setdefault(address, programme)
    return wrong
