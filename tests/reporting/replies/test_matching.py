"""Two signs of two kinds must agree, or a person decides."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from reporting.mail.parse import parse_mail
from reporting.replies.matching import match
from reporting.replies.signs import Sender, Sign, sender_of, token_signs
from reporting.states import MessageKind
from reporting.store.engine import reading
from reporting.tokens import FormToken
from tests.workplace import BAC_NINH, CYCLE, HANOI, OWN, Workplace, box

UNITS = st.sampled_from(["01", "27", "40"])
CYCLES = st.sampled_from([CYCLE, "six-month-2024"])
TOKENS = st.lists(st.builds(Sign, st.just("mã trong biểu"), UNITS, CYCLES), max_size=3)
SENDERS = st.lists(st.builds(Sign, st.just("địa chỉ người gửi"), UNITS, st.none()), max_size=3)


@given(TOKENS, SENDERS, st.booleans())
def test_taken_in_only_when_both_kinds_agree_and_nothing_speaks_against_it(
    tokens: list[Sign], senders: list[Sign], from_our_hands: bool
) -> None:
    outcome = match(tokens, Sender(tuple(senders)), from_our_hands=from_our_hands)
    pointed = {(sign.unit, sign.cycle) for sign in tokens}
    named = {sign.unit for sign in senders}
    agrees = len(pointed) == 1 and (next(iter(pointed))[0] in named or (from_our_hands and not named))
    assert (outcome.reasons == ()) is agrees
    if agrees:
        assert {(outcome.unit, outcome.cycle)} == pointed


@given(TOKENS, SENDERS, st.booleans())
def test_what_speaks_against_a_sender_outweighs_every_sign(
    tokens: list[Sign], senders: list[Sign], from_our_hands: bool
) -> None:
    sender = Sender(tuple(senders), against=("có thể bị giả mạo",))
    assert "có thể bị giả mạo" in match(tokens, sender, from_our_hands=from_our_hands).reasons


@given(TOKENS, SENDERS, st.booleans(), st.randoms())
def test_the_order_of_signs_does_not_matter(
    tokens: list[Sign], senders: list[Sign], from_our_hands: bool, random: object
) -> None:
    turned = match(tokens[::-1], Sender(tuple(senders[::-1])), from_our_hands=from_our_hands)
    outcome = match(tokens, Sender(tuple(senders)), from_our_hands=from_our_hands)
    assert (outcome.unit, outcome.cycle, outcome.reasons) == (turned.unit, turned.cycle, turned.reasons)


def test_each_kind_of_token_is_seen_in_a_mail(place: Workplace) -> None:
    (request,) = [m for m in place.messages(MessageKind.REQUEST, HANOI) if m.recipient == box(HANOI)]
    mail = parse_mail(place.mail(box(HANOI), to=place.reply_address(HANOI), answers_to=request.message_id))
    with reading(place.home.engine) as session:
        signs = token_signs(
            session,
            place.programme,
            place.home.secret_key,
            mail,
            [FormToken("ctph-109", CYCLE, HANOI), FormToken("other", CYCLE, HANOI)],
        )
        sender = sender_of(session, place.programme, mail, None)
    assert signs == [
        Sign(seen, HANOI, CYCLE) for seen in ("mã trong biểu", "địa chỉ trả lời", "thư được trả lời")
    ]
    assert [sign.unit for sign in sender.signs] == [HANOI]
    assert match(signs, sender, from_our_hands=False).reasons == ()


def test_an_altered_address_is_no_sign(place: Workplace) -> None:
    address = place.reply_address(HANOI)
    altered = address.replace(f".{HANOI}.", f".{BAC_NINH}.")
    foreign = address.replace("ctph109", "ctph110")
    for to, sender in product([altered, foreign, OWN], [box(HANOI)]):
        mail = parse_mail(place.mail(sender, to=to))
        with reading(place.home.engine) as session:
            assert token_signs(session, place.programme, place.home.secret_key, mail, []) == []
