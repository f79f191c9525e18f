"""The digest says what the meeting needs, in the order in which it should be talked about."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any

import pytest

from bot.cases.vocabulary import Criticality, Status
from bot.clock import SetClock
from bot.meeting.digest import AlertFacts, CaseFacts, Digest, DigestFacts, compose, cover_change
from bot.messages.limits import MESSAGE_CHARACTERS
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.messages.render import Renderer
from bot.messages.values import Mention
from bot.messages.words import BOKMAAL
from bot.stock.cover import Answer
from bot.stock.ends import Slips

AS_OF = dt.datetime(2025, 7, 16, 12, 0, tzinfo=dt.UTC)
SINCE = dt.datetime(2025, 7, 9, 12, 0, tzinfo=dt.UTC)
BEFORE = SINCE - dt.timedelta(days=30)
RENDERER = Renderer(clock=SetClock(AS_OF))


def case(number: str, **facts: Any) -> CaseFacts:
    given: dict[str, Any] = {"name": f"Sak {number}", "status": Status.ONGOING, "opened_at": BEFORE, **facts}
    return CaseFacts(number=number, **given)


def digest(*cases: CaseFacts, **facts: Any) -> Digest:
    return compose(DigestFacts(week="2025-W29", as_of=AS_OF, since=SINCE, cases=cases, **facts))


def read(message: Message) -> str:
    """A message as it reads on a phone: its blocks' words, a line between sections, buttons in brackets."""
    shown = []
    for block in message.blocks:
        texts = [block["text"]] if "text" in block else block["elements"]
        words = "\n".join(text["text"] for text in texts)
        button = f" [{block['accessory']['text']['text']}]" if "accessory" in block else ""
        shown.append(words + button)
    return "\n\n".join(shown)


def posted(*cases: CaseFacts, **facts: Any) -> str:
    return "\n\n".join(map(read, RENDERER.render_parts("digest.j2", digest=digest(*cases, **facts))))


def test_what_is_not_known_is_said() -> None:
    said = posted(case("1", changes=("ny",), why="ingen lagertall"))
    assert (
        "Varighet: ukjent. Lager: ukjent. Dekker perioden: *vet ikke* (ingen lagertall). Erstatning: vet ikke."
    ) in said


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"expected_end": dt.date(2025, 9, 15)}, "til 15. sept."),
        ({"expected_end": dt.date(2026, 1, 15)}, "til 15. jan. 2026"),
        ({"expected_end": dt.date(2025, 7, 1)}, "skulle vært over 1. juli"),
        ({"status": Status.UPCOMING, "start": dt.date(2025, 8, 1)}, "fra 1. aug., slutt ukjent"),
        (
            {"status": Status.UPCOMING, "start": dt.date(2025, 8, 1), "expected_end": dt.date(2025, 9, 15)},
            "1. aug.–15. sept.",
        ),
        ({"duration": "til sommeren"}, "til sommeren"),
    ],
)
def test_how_long_it_lasts_is_told_in_words(facts: dict[str, Any], said: str) -> None:
    [entry] = digest(case("1", changes=("x",), **facts)).agenda
    assert entry.as_json(RENDERER.words())["duration"] == said


def test_the_order_is_decisions_first_and_then_what_is_at_stake() -> None:
    found = digest(
        case("covered", covers=Answer.YES, changes=("x",)),
        case("unknown", changes=("x",)),
        case("gap", covers=Answer.NO, gap_days=107, changes=("x",)),
        case("smaller-gap", covers=Answer.NO, gap_days=7, changes=("x",)),
        case("critical", covers=Answer.NO, gap_days=7, criticality=Criticality.HIGH),
        case("asked", covers=Answer.YES, decision_question="Hva nå?"),
    )
    order = [entry.case.number for entry in found.ongoing]
    assert order == ["asked", "critical", "gap", "smaller-gap", "unknown", "covered"]
    assert [entry.place for entry in found.agenda] == [1, 2, 3, 4, 5, 6]
    assert str(found.ongoing[1].why[0]) == "kritisk for pasientene"


def test_reports_dominoes_and_slipping_dates_break_ties() -> None:
    no = {"covers": Answer.NO, "changes": ("x",)}
    found = digest(
        case("quiet", **no),
        case("slipping", slips=Slips(4, 100), **no),
        case("cause", **no),
        case("reported", reports=3, hospitals=2, **no),
        case("effect", domino_of="cause", status=Status.UPCOMING, **no),
    )
    assert [entry.case.number for entry in found.ongoing] == ["reported", "cause", "slipping", "quiet"]
    assert [str(remark) for remark in found.upcoming[0].remarks] == ["x", "dominoeffekt av sak 2"]
    assert str(found.ongoing[0].remarks[-1]) == "3 nye meldinger fra 2 steder"


def test_sections_follow_the_days() -> None:
    found = digest(
        case("new", opened_at=SINCE + dt.timedelta(hours=1), status=Status.UPCOMING),
        case("begun", status=Status.UPCOMING, start=dt.date(2025, 7, 15)),
        case("to-come", status=Status.UPCOMING, start=dt.date(2025, 7, 17), changes=("x",)),
        case("closed", status=Status.CLOSED, closed_at=AS_OF),
        case("new-closed", status=Status.CLOSED, opened_at=SINCE + dt.timedelta(1), closed_at=AS_OF),
        case("closed-before", status=Status.CLOSED, closed_at=SINCE),
        case("not-relevant", status=Status.NOT_RELEVANT, changes=("x",)),
        case("tomorrow", opened_at=AS_OF + dt.timedelta(days=1)),
        case("quiet"),
    )
    sections = ("new", "ongoing", "upcoming", "closed", "unchanged")
    assert {name: [entry.case.number for entry in getattr(found, name)] for name in sections} == {
        "new": ["new"],
        "ongoing": ["begun"],
        "upcoming": ["to-come"],
        "closed": ["closed", "new-closed"],
        "unchanged": ["quiet"],
    }
    assert [str(remark) for remark in found.closed[1].remarks] == ["ny siden sist", "utfall ukjent"]


def test_a_complex_is_one_item_and_its_cases_are_counted() -> None:
    strengths = {"complex": "zypadhera", "substance": "Olanzapin", "changes": ("x",), "covers": Answer.NO}
    found = digest(
        case("other", covers=Answer.NO, changes=("x",), gap_days=90),
        case("405", gap_days=40, **strengths),
        case("300", gap_days=100, **strengths),
        case("210", gap_days=100, decision_question="Fordele?", **strengths),
        case("kin", **(strengths | {"substance": "Aripiprazol", "gap_days": 1})),
    )
    assert [[member.case.number for member in entry.cases] for entry in found.ongoing] == [
        ["210", "300", "405"],
        ["kin"],
        ["other"],
    ]
    assert found.count("ongoing") == 5
    assert [line["number"] for line in found.as_json()["ongoing"]] == ["210", "300", "405", "kin", "other"]
    said = RENDERER.render("digest.j2", digest=found).blocks[1]["text"]["text"]
    assert "• Sak 405: dekker perioden: *nei*, ca. 40 dager udekket\n" in said


def test_an_audience_without_numbers_gets_none() -> None:
    said = posted(
        case("1", changes=("x",), stock=phrase("Knapp"), covers=Answer.PROBABLY_NOT),
        alerts=[AlertFacts("Valtrex", "Fokuslisten", phrase("Svært lav"))],
    )
    assert "Lager: Knapp. Dekker perioden: *trolig ikke*. Erstatning" in said
    assert "Valtrex, Fokuslisten: Svært lav" in said


def test_a_late_digest_says_so() -> None:
    said = posted(planned=dt.datetime(2025, 7, 16, 12, 0, tzinfo=dt.UTC))
    assert "Kommer for sent: skulle vært lagt ut onsdag 16. juli kl. 14.00. Innholdet er fra nå." in said
    assert "Ingen saker med nytt siden sist." in said


def test_owner_and_next_step_are_told_where_there_is_one() -> None:
    said = posted(case("1", changes=("x",), next_step="møte med onkologene", owner=Mention("U123ABC")))
    assert "Neste: møte med onkologene. Ansvarlig: <@U123ABC>." in said
    assert "Ansvarlig: ingen." in posted(case("1", changes=("x",), next_step="møte med onkologene"))


@pytest.mark.parametrize(
    ("before", "covers", "gap", "said"),
    [
        (None, Answer.NO, 30, []),
        (["yes", None], Answer.NO, 30, ["dekning: fra ja til nei"]),
        (["no", 30], Answer.YES, None, ["dekning: fra nei til ja"]),
        (["unknown", None], Answer.NO, 5, ["dekning: fra vet ikke til nei"]),
        (["yes", None], Answer.UNKNOWN, None, []),
        (["no", 30], Answer.NO, 107, ["udekket: fra 30 dager til 107 dager"]),
        (["no", 30], Answer.NO, 35, []),
    ],
)
def test_what_is_new_in_cover_is_told_in_words(
    before: list[Any] | None, covers: Answer, gap: int | None, said: list[str]
) -> None:
    assert [BOKMAAL.say(one) for one in cover_change(before, covers, gap)] == said


def test_the_next_digest_can_compare_with_this_one() -> None:
    found = digest(case("1", covers=Answer.NO, gap_days=30, changes=("x",)), case("2", covers=Answer.YES))
    assert found.covers == {"1": ["no", 30], "2": ["yes", None]}


def test_the_mornings_update_holds_only_what_is_new() -> None:
    found = digest(
        case("critical", criticality=Criticality.HIGH),
        case("asked", decision_question="Hva nå?"),
        case("moved", changes=("ny sluttdato 1. aug.",)),
        only_news=True,
    )
    assert [entry.case.number for entry in found.agenda] == ["moved"]
    said = read(RENDERER.render("digest_update.j2", digest=found))
    assert said.startswith(
        "*Mangelmøtet uke 29 i dag* · nytt siden onsdag kl. 14.00\n\n*1 Sak moved*, ny sluttdato 1. aug."
    )
    assert not digest(only_news=True).has_news


def test_what_people_wrote_is_shown_and_does_nothing() -> None:
    said = posted(case("1", name="<!channel> *x*", changes=("# ny",), stock="---", decision_question="[a](b)"))
    assert "<!channel>" not in said
    assert "&lt;!channel&gt;" in said
    assert "→ _Beslutning: [a](b)_" in said


def many(count: int) -> DigestFacts:
    cases = [
        case(
            f"2025-{n:04}",
            name=f"Legemiddel {n} tabletter 500 mg (virkestoff {n})",
            status=Status.UPCOMING if n % 5 == 0 else Status.ONGOING,
            opened_at=BEFORE if n % 3 else AS_OF - dt.timedelta(days=1),
            expected_end=dt.date(2025, 9, 15),
            changes=("tomt i apotek",),
            stock="Fokuslisten tømmes, uttaket kan ikke stanses",
            covers=Answer.NO,
            gap_days=n,
            substitute="utenlandske pakninger, men delleveransene er for små",
            reports=n % 4,
            hospitals=n % 3,
            decision_question="hvem får prioritet?" if n % 2 else None,
        )
        for n in range(count)
    ]
    return DigestFacts("2025-W29", AS_OF, SINCE, cases)


def test_five_hundred_cases_are_split_and_none_is_dropped() -> None:
    parts = RENDERER.render_parts("digest.j2", digest=compose(many(500)))
    said = "\n".join(map(read, parts))
    assert all(f"*{place} Legemiddel" in said for place in range(1, 501))
    for number, part in enumerate(parts, 1):
        assert len(part.blocks) <= 50
        assert len(json.dumps(part.blocks, ensure_ascii=False)) <= MESSAGE_CHARACTERS
        assert part.text.endswith(f"({number} av {len(parts)})")


def test_five_hundred_cases_take_half_a_second_at_most() -> None:
    RENDERER.render_parts("digest.j2", digest=compose(many(2)))
    facts = many(500)
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        RENDERER.render_parts("digest.j2", digest=compose(facts))
        taken.append(time.perf_counter() - begun)
    assert min(taken) <= 0.5


class CountedNumber(str):
    """A case number that counts how often any of its kind is compared with something."""

    compared = 0
    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        CountedNumber.compared += 1
        return str.__eq__(self, other)


def test_a_dominos_cause_is_looked_up_and_not_searched_for_among_all_cases() -> None:
    digest(*(case(CountedNumber(number)) for number in range(300)))
    assert CountedNumber.compared < 300 * 10


def test_a_long_digest_begins_with_what_needs_a_decision_and_why() -> None:
    first = read(RENDERER.render_parts("digest.j2", digest=compose(many(9)))[0]).split("\n\n")
    assert first[1] == (
        "*TRENGER BESLUTNING*\n*4* Legemiddel 7 tabletter 500 mg (virkestoff 7): hvem får prioritet? "
        "(ca. 7 dager udekket og 3 nye meldinger)"
    )
    assert first[2].startswith("*9* Legemiddel 5")
    assert "TRENGER BESLUTNING" not in posted(case("1", decision_question="Hva nå?"))
