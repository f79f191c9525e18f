"""Which short names are proposed to the centre: a rule over plain values."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.match import Decision, Kind
from bot.catalogue.proposals import Confirmed, Proposal, could_be_taken_for, propose, target_of, words_of

SHIPPED = Catalogue.shipped()


def confirmed(typed: str, name: str, *people: str) -> list[Confirmed]:
    """One report of `name` by each of `people`, who typed `typed`."""
    item = SHIPPED.exact(name=name)
    id_ = item.id if item is not None and item.kind is Kind.PRODUCT else None
    return [Confirmed(typed, id_, name, person) for person in people]


def proposed(*reports: list[Confirmed], mistaken: list[Confirmed] | None = None, **rule: object) -> list[Proposal]:
    every = [one for some in reports for one in some]
    return list(propose(every, mistaken or [], SHIPPED, **rule))  # type: ignore[arg-type]


ISAVU = confirmed("isavu", "Isavukonazol", "kari", "ola", "kari")


def test_words_that_several_people_meant_a_substance_by_are_proposed() -> None:
    assert proposed(ISAVU) == [Proposal("isavu", "Isavukonazol", "Isavukonazol", 3, 2)]


def test_strength_form_and_case_do_not_tell_words_apart() -> None:
    (one,) = proposed(*(confirmed(typed, "Isavukonazol", typed) for typed in ("Isavu", "isavu 200 mg", "ISAVU inf")))
    assert (one.words, one.reports, one.people) == ("isavu", 3, 3)


def test_too_few_reports_or_too_few_people_propose_nothing() -> None:
    assert proposed(ISAVU[:2]) == []
    assert proposed(confirmed("isavu", "Isavukonazol", "kari", "kari", "kari", "kari")) == []
    assert len(proposed(ISAVU[:2], least_reports=2)) == 1
    assert proposed(ISAVU, least_people=3) == []


def test_what_was_chosen_of_one_brand_is_proposed_for_the_brand() -> None:
    depot = next(one for one in SHIPPED if one.brand == "Zypadhera")
    (one,) = proposed([Confirmed("olasprøyta", depot.id, depot.name, person) for person in ("a", "b", "c")])
    assert (one.means, one.substance) == ("Zypadhera", "Olanzapin")


def test_several_brands_of_a_substance_are_proposed_for_the_substance() -> None:
    items = [
        next(one for one in SHIPPED if one.brand == brand and one.substance == "Krisantaspase")
        for brand in ("Erwinase", "Enrylaze")
    ]
    (one,) = proposed([Confirmed("barneasp", item.id, item.name, p) for item, p in zip(items * 2, "abcd", strict=True)])
    assert one.means == "Krisantaspase"


def test_a_brand_that_is_the_substance_with_its_supplier_is_the_substance() -> None:
    item = next(one for one in SHIPPED if one.brand == "Meropenem Fresenius Kabi")
    found = SHIPPED.exact(name=item.name)
    target = target_of([found] if found else [])
    assert target is not None and target.name == target.substance == "Meropenem"


def test_medicines_that_the_register_only_gives_a_group_are_never_one() -> None:
    sodium, other = (
        next(one for one in SHIPPED if one.brand == f"{name} Fresenius Kabi" and one.substance == "Elektrolytter")
        for name in ("Natriumklorid", "Ringer-Acetat")
    )
    both = [Confirmed("saltposen", one.id, one.name, who) for one in (sodium, other) for who in ("a", "b")]
    assert proposed(both) == []
    (one,) = proposed([Confirmed("saltposen", sodium.id, sodium.name, who) for who in ("a", "b", "c")])
    assert one.means == "Natriumklorid"
    after = SHIPPED.with_changes((), [(one.words, one.means)]).match("saltposen 9 mg/ml")
    assert after.decision is not Decision.NONE
    assert "natriumklorid" in after.candidates[0].name.casefold()
    assert proposed([Confirmed("saltposen", None, "Elektrolytter", who) for who in ("a", "b", "c")]) == []


def test_different_medicines_chosen_for_the_same_words_propose_nothing() -> None:
    assert proposed(ISAVU, confirmed("isavu", "Vorikonazol", "per")) == []


def test_a_choice_that_was_put_right_later_speaks_against_the_words() -> None:
    assert proposed(ISAVU, mistaken=confirmed("isavu", "Vorikonazol", "siri")) == []
    same = confirmed("isavu", "Isavukonazol", "siri")
    as_written = [Confirmed("isavu", None, "isavu", "siri")]
    assert len(proposed(ISAVU, mistaken=[*same, *as_written])) == 1


def test_what_was_left_as_written_is_no_choice() -> None:
    assert proposed([Confirmed("isavu", None, "isavu", person) for person in "abcd"]) == []


def test_words_that_the_matcher_knows_are_not_proposed() -> None:
    for typed in ("valtrexx", "valtrex 500", "mtx", "Valtrex tab 500 mg"):
        assert proposed(confirmed(typed, "Valaciklovir", "a", "b", "c")) == []


def test_decided_words_do_not_come_back() -> None:
    assert proposed(ISAVU, decided={"isavu"}) == []


@pytest.mark.parametrize(
    ("typed", "meant", "other"),
    [
        ("prednisol", "Prednisolon", "Prednison"),  # an error away from its look-alike
        ("hydraxyzine", "Hydroksyzin", "hydralazin"),  # half-way between two
        ("val", "Valaciklovir", "Valium"),  # the beginning of another's name
        ("kalium", "Kaliumklorid", "Calcium"),
        ("cortef", "Hydrokortison", ""),
        ("kepra", "Cefaleksin", "Keppra"),
        ("leukan", "Melfalan", "Leukeran"),
    ],
)
def test_words_near_another_medicine_are_never_proposed(typed: str, meant: str, other: str) -> None:
    assert proposed(confirmed(typed, meant, "a", "b", "c")) == []
    item = SHIPPED.exact(name=meant)
    target = target_of([item]) if item else None
    if other and target:
        assert other in could_be_taken_for(typed, target, SHIPPED)


@pytest.mark.parametrize(
    "typed",
    [
        "vi er tomme for isavu",
        "isavu til pasienten på 4 øst",
        "isavu 22334455",
        "isavu 22 33 44 55",
        "13097248022 isavu",
        "500 mg",
        "",
        "x",
        "depot",
        "forte",
        "isavu " * 20,
        "en to tre fire fem seks",
    ],
)
def test_sentences_numbers_and_scraps_are_no_short_names(typed: str) -> None:
    assert words_of(typed, SHIPPED) is None
    assert proposed(confirmed(typed, "Isavukonazol", "a", "b", "c")) == []


def test_a_short_naming_part_keeps_the_words_beside_it() -> None:
    assert words_of("pen v", SHIPPED) == "pen v"
    assert words_of("erw asp", SHIPPED) == "erw asp"


def test_an_accepted_proposal_matches_and_nothing_else_does_through_it() -> None:
    (one,) = proposed(ISAVU)
    after = SHIPPED.with_changes((), [(one.words, one.means)])
    found = after.match("isavu 200 mg")
    assert (found.decision, found.candidates[0].substance) == (Decision.MATCH, "Isavukonazol")
    assert after.type_ahead("isav")[0].substance == "Isavukonazol"
    for other in ("valtrexx 500", "keppra", "prednison", "vorikonazol", "isatuksimab", "xqzwvy"):
        now, before = after.match(other), SHIPPED.match(other)
        assert now.decision is before.decision
        assert [one.name for one in now.candidates[:1]] == [one.name for one in before.candidates[:1]]


def test_what_words_stand_for_is_always_a_name_of_the_catalogue() -> None:
    for typed in ("Meropenem Fresenius Kabi", "Natriumklorid Baxter Viaflo", "Zypadhera", "Steritalc", "Krisantaspase"):
        item = next(items[-1] for name, items in SHIPPED.names if name == typed)
        target = target_of([item])
        assert target is not None
        after = SHIPPED.with_changes((), [("qwzxj", target.name)]).match("qwzxj")
        assert after.decision is Decision.MATCH, target


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=4))
def test_whatever_was_typed_the_rule_gives_an_answer(texts: list[str]) -> None:
    reports = [Confirmed(text, None, "Isavukonazol", person) for text in texts for person in "abc"]
    for one in proposed(reports):
        assert one.words and one.reports >= 3
