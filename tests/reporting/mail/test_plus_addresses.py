"""Whose box an address is, by its name alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.addresses.syntax import is_peoples_committee
from reporting.vietnamese.text import fold
from tests.workplace import whole_programme


@pytest.mark.parametrize(
    "address",
    [
        "ubnd@tinh.example",
        "UBND@Tinh.example",
        "vanthu.ubnd@tinh.example",
        "vanthu@ubnd.tinh.example",
        "tinh-ubnd@chinh-phu.example",
        "tinhubnd@x.example",
        "ubndtinh@x.example",
        "hdnd-ubnd@x.example",
        "vpubnd@x.example",
        "vp.ubnd@x.example",
        "vanphongubnd@x.example",
        "vpub@x.example",
        "vp-ub@x.example",
        "vanphong.ub@x.example",
        "vpubtinh@x.example",
        "ub.nd@x.example",
        "uybannhandan@x.example",
        "uy-ban-nhan-dan.tinh@x.example",
        "vanthu@uybannd.x.example",
        "peoples.committee@x.example",
    ],
)
def test_a_peoples_committee_is_known_by_any_of_its_names(address: str) -> None:
    assert is_peoples_committee(address)


@pytest.mark.parametrize(
    "address",
    [
        "sldtbxh@tinh.example",
        "vanphong@sldtbxh.tinh.example",
        "vp-sldtbxh@tinh.example",
        "publications@clubnet.example",
        "subtitles@club-nd.example",
        "ubmttq@tinh.example",
        "bandantoc@tinh.example",
        "vpublic@tinh.example",
    ],
)
def test_others_are_not_taken_for_one(address: str) -> None:
    assert not is_peoples_committee(address)


def test_no_department_is_taken_for_one() -> None:
    for unit in whole_programme().units:
        place = re.sub(r"[^a-z]", "", fold(unit.name))
        assert place
        for box in ("sldtbxh", "vanthu", "vp", "baotroxahoi", f"so.{place}"):
            assert not is_peoples_committee(f"{box}@{place}.gov.vn"), unit.name


@given(
    st.sampled_from(("", "vanthu.", "tinh", "hdnd-", "vp", "van_phong_", "ct1")),
    st.sampled_from(("", "tinh", "-bn", ".gov", "2")),
    st.booleans(),
)
def test_whatever_stands_around_the_token(before: str, after: str, in_domain: bool) -> None:
    name = f"{before}ubnd{after}"
    assert is_peoples_committee(f"a@{name}.example" if in_domain else f"{name}@so.example")
