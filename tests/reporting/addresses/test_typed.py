"""Addresses as people type and paste them: one clean address, or the character that is in the way."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.addresses.syntax import checked_address
from reporting.addresses.typed import TypedAddress, as_looked_up, typed_address
from reporting.errors import BadInput

PLAIN = "so@tinh.example"


@pytest.mark.parametrize("text", [PLAIN, "  So@Tinh.example "])
def test_a_plain_address_is_taken_as_it_is(text: str) -> None:
    assert typed_address(text) == TypedAddress(PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        *(f"so{unseen}@tinh.example" for unseen in "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f"),
        *(f"{unseen}{PLAIN}{unseen}" for unseen in "\u200b\u00ad\u00a0\ufeff\u202a\u202e\u3000\t\x7f"),
        "so＠tinh.example",
        "ｓｏ＠ｔｉｎｈ．example",
        f"mailto:{PLAIN}",
        f"<MAILTO:{PLAIN}>",
        f"<{PLAIN}>",
        f"Nguyễn Văn A, Trưởng phòng <{PLAIN}>",
        f"{PLAIN} <{PLAIN}>",
        *(f"{PLAIN}{end}" for end in (".", ",", ";", ";.", " ;", '"')),
        f"'{PLAIN}'",
        f"“{PLAIN}”",
    ],
)
def test_what_surrounds_one_address_is_taken_off_and_told(text: str) -> None:
    typed = typed_address(text)
    assert typed.address == PLAIN
    assert typed.notice is not None
    assert typed.notice.endswith(f"được hiểu là {PLAIN}")
    assert as_looked_up(text) == PLAIN


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("so\u00ad@tinh.example", "không nhìn thấy U+00AD ở vị trí 3"),
        ("s\u00a0o@tinh.example", "không nhìn thấy U+00A0 ở vị trí 2"),
        ("s\u202eo@tinh.example", "không nhìn thấy U+202E ở vị trí 2"),
        ("\u200bso@t\u2066inh.example", "không nhìn thấy U+2066 ở vị trí 6"),
        ("so @tinh.example", "dấu cách U+0020 ở vị trí 3"),
        ("so@tỉnh.example", "'ỉ' U+1EC9 ở vị trí 5"),
        ("ѕo@tinh.example", "'ѕ' U+0455 ở vị trí 1"),
        ("so(x)@tinh.example", "'(' U+0028 ở vị trí 3"),
        (f"{PLAIN}, khac@tinh.example", "có hơn một dấu @"),
        (f"khac@tinh.example <{PLAIN}>", "có hơn một dấu @"),
        ("so.tinh.example", "thiếu dấu @"),
        ("", "thiếu dấu @"),
        ("so@tinh", "'so@tinh'"),
        ("so..x@tinh.example", "'so..x@tinh.example'"),
        (".so@tinh.example", "'.so@tinh.example'"),
        ("=?utf-8?q?so?=@tinh.example", "=?utf-8?q?so?="),
        (f"{'s' * 65}@tinh.example", "sss"),
        (f"{PLAIN}{' ' * 2000}x", PLAIN),
    ],
)
def test_anything_else_is_refused_with_the_character_and_its_place(text: str, why: str) -> None:
    with pytest.raises(BadInput, match="địa chỉ thư không hợp lệ") as caught:
        typed_address(text)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


ODD = st.sampled_from("\u200b\u00ad\u00a0\ufeff\u202e＠．.,;<>'\" @-đ\n\0")


@given(
    st.lists(
        st.one_of(ODD, st.sampled_from([PLAIN, "so", "tinh.example", "mailto:"]), st.text(max_size=3)),
        max_size=6,
    )
)
def test_what_is_stored_can_be_seen_and_sent_to(pieces: list[str]) -> None:
    address, refusal = None, ""
    try:
        address = typed_address("".join(pieces)).address
    except BadInput as error:
        refusal = str(error)
    assert all(unicodedata.category(char) not in ("Cc", "Cf") for char in refusal)
    if address is not None:
        assert checked_address(address) == address
        assert address.isascii()
        assert address.isprintable()
        assert typed_address(address) == TypedAddress(address)
