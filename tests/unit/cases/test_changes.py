"""What two people write in the same form: nothing is lost, and nothing is written that nobody touched."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from bot.cases.changes import BY_NAME, FIELDS, as_chosen, mark, overtaken, plain
from bot.cases.forms import CaseForm, Page
from bot.cases.vocabulary import Cause, Group

VALUES = st.one_of(st.none(), st.text(max_size=5), st.integers(0, 9), st.sampled_from(list(Cause)), st.dates())


@given(shown=VALUES, now=VALUES, typed=VALUES)
def test_of_what_was_shown_is_now_and_was_typed_one_wins_and_the_other_is_asked(
    shown: object, now: object, typed: object
) -> None:
    write, both = overtaken({"x": plain(now)}, {"x": plain(typed)}, {"x": mark(shown)})
    shown_, now_, typed_ = plain(shown), plain(now), plain(typed)
    if typed_ in (now_, shown_):
        assert (write, both) == (set(), {}), "nothing to write, or not touched"
    elif now_ == shown_:
        assert (write, both) == ({"x"}, {})
    else:
        assert (write, both) == (set(), {"x": mark(now)})
        assert overtaken({"x": now_}, {"x": typed_}, both) == ({"x"}, {}), "sent again, it goes through"


def test_nothing_chosen_is_not_known_whatever_shape_it_comes_in() -> None:
    assert {mark(nothing) for nothing in (None, "", (), [])} == {mark(None)}
    assert mark((Group.CHILDREN, Group.CANCER)) == mark(["cancer", "children"])
    assert mark(Cause.DOMINO) == mark("domino")


def test_every_field_of_the_form_has_words_for_something_and_for_nothing() -> None:
    some: dict[str, object] = {
        "expected_end": "2025-09-15",
        "start": "2025-05-01",
        "next_step_on": "2025-07-10",
        "status": "ongoing",
        "cause": "production",
        "authorised": "yes",
        "source": "dmp",
        "ward_days": 7,
        "substitute_ready": True,
        "sector": "both",
        "criticality": "high",
        "groups": ["children"],
        "regions": ["north"],
        "system_factors": ["b50"],
        "extra_cost_nok": 5,
        "packages": ["012345"],
        "in_use": ["rationing"],
        "helped": ["rationing"],
        "did_not_help": ["rationing"],
    }
    for field in FIELDS:
        value = as_chosen(field.name, some.get(field.name, "Ord"))  # type: ignore[arg-type]
        assert str(field.said(value)).strip(), field.name
        if field.name not in ("status", "authorised"):
            assert str(field.said(None)).strip(), field.name
            assert str(field.said(None)) != str(field.said(value)), field.name


def test_every_step_of_the_form_asks_for_fields_that_there_are() -> None:
    asked = [field for page in Page for field in page.fields]
    assert len(asked) == len(set(asked))
    assert set(asked) | {"next_step_for"} == set(BY_NAME)
    assert set(BY_NAME) <= set(CaseForm.__slots__)


def test_a_date_is_stored_and_worded_as_a_date() -> None:
    assert plain(dt.date(2025, 9, 15)) == "2025-09-15"
    assert as_chosen("expected_end", "2025-09-15") == dt.date(2025, 9, 15)
