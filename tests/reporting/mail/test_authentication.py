"""Our own mail server's word on a sender; nobody else's counts."""

from typing import Any

import pytest

from reporting.mail.authentication import SenderVerdict, verdict

OURS, SENDER = "mx.van-phong.example", "can-bo@so.example"
PASSED, FAILED, UNKNOWN = SenderVerdict.PASSED, SenderVerdict.FAILED, SenderVerdict.UNKNOWN


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([f"{OURS}; dmarc=pass (p=reject) header.from=so.example"], PASSED),
        ([f"{OURS.upper()} 1;\r\n\tdmarc=pass header.from=SO.example"], PASSED),
        ([f"{OURS}; dmarc=fail header.from=so.example"], FAILED),
        ([f"{OURS}; dmarc=pass header.from=noi-khac.example"], FAILED),
        # It looked at another sender than we do, whatever it found.
        ([f"{OURS}; dmarc=none header.from=noi-khac.example; dkim=pass header.d=so.example"], FAILED),
        ([f"{OURS}; dmarc=temperror header.from=noi-khac.example"], FAILED),
        ([f"{OURS}; dmarc=none header.from=so.example; dkim=pass header.d=so.example"], PASSED),
        # Without DMARC: a signature or envelope sender of the same domain speaks for it, none against it.
        ([f"{OURS}; dmarc=none; dkim=pass header.d=so.example"], PASSED),
        ([f"{OURS}; spf=pass smtp.mailfrom=can-bo@so.example"], PASSED),
        ([f"{OURS}; dkim=fail header.d=so.example; spf=softfail smtp.mailfrom=so.example"], UNKNOWN),
        ([f"{OURS}; dkim=pass header.d=danh-sach.example; dkim=pass header.d=so.example"], PASSED),
        ([f"{OURS}; dkim=pass header.d=danh-sach.example"], UNKNOWN),
        ([f"{OURS}; dkim=pass header.d=example"], UNKNOWN),
        ([f"{OURS}; none"], UNKNOWN),
        ([], UNKNOWN),
        # Of another server, of none, and nonsense.
        (["mx.noi-khac.example; dmarc=pass header.from=so.example"], UNKNOWN),
        (["dmarc=pass header.from=so.example"], UNKNOWN),
        (["", ";;;", "\0", f"{OURS} dmarc=pass", f"({OURS}); dmarc=pass header.from=so.example"], UNKNOWN),
        # Below our server's own stands what the sender wrote.
        (
            [f"{OURS}; dmarc=fail header.from=so.example", f"{OURS}; dmarc=pass header.from=so.example"],
            FAILED,
        ),
        ([f"{OURS}; none", f"{OURS}; dmarc=pass header.from=so.example"], UNKNOWN),
        (["mx.xa.example; none", f"{OURS}; dmarc=pass header.from=so.example"], PASSED),
    ],
)
def test_only_the_topmost_of_our_server_counts(results: list[str], expected: Any) -> None:
    assert verdict(results, SENDER, OURS) is expected


def test_without_a_name_of_our_server_nothing_is_believed() -> None:
    assert verdict([f"{OURS}; dmarc=pass header.from=so.example"], SENDER, None) is UNKNOWN
    assert verdict([f"{OURS}; dmarc=fail header.from=so.example"], None, OURS) is UNKNOWN
