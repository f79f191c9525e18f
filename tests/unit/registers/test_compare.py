"""A list beside the one before it: new, extended, changed, gone; a person's word carries over."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import replace

import pytest

from bot.cases.medicine import as_written
from bot.registers.compare import Grade, Graded, Known, OpenCase, Proposal, Proposed, Verdict, compare
from bot.registers.notices import Notice, NoticeStatus

START, END = dt.date(2026, 3, 1), dt.date(2026, 5, 15)


def notice(row: int = 2, name: str = "Valtrex 500 mg tablett, 10 stk", **more: object) -> Notice:
    usual = Notice(row, name, "valaciklovir", START, END, NoticeStatus.ONGOING)
    return replace(usual, **more)  # type: ignore[arg-type]


def graded(*rows: Notice) -> dict[int, Graded]:
    """Every brand is a medicine of its own."""
    return {row.row: Graded(Grade.CERTAIN, as_written(row.name.split(",")[0])) for row in rows}


def known(number: int, of: Notice, **more: object) -> Known:
    return replace(Known(number, of, as_written(of.name.split(",")[0]).key), **more)  # type: ignore[arg-type]


def one(now: Notice, *before: Known, cases: dict[str, list[OpenCase]] | None = None) -> Proposal:
    return compare([now], graded(now), before, cases or {})[0]


def test_what_nobody_has_seen_is_new() -> None:
    assert one(notice()).action is Proposed.NEW


def test_what_has_not_changed_is_the_same() -> None:
    assert one(notice(), known(1, notice())).action is Proposed.SAME


@pytest.mark.parametrize(
    ("change", "action", "said"),
    [
        ({"end": dt.date(2026, 6, 1)}, Proposed.EXTEND, "slutt 15.05.2026 → 01.06.2026"),
        ({"end": None}, Proposed.EXTEND, "slutt 15.05.2026 → ukjent"),
        ({"end": dt.date(2026, 5, 1)}, Proposed.UPDATE, "slutt 15.05.2026 → 01.05.2026"),
        ({"start": dt.date(2026, 3, 8)}, Proposed.UPDATE, "start 01.03.2026 → 08.03.2026"),
        ({"note": "Likeverdig alternativ"}, Proposed.UPDATE, "ny merknad: Likeverdig alternativ"),
        ({"status": NoticeStatus.ENDED}, Proposed.ENDED, "Pågående → Avsluttet"),
        ({"name": "Valtrex 500 mg tablett, 10 stk boks"}, Proposed.UPDATE, "nytt navn, før: Valtrex"),
        ({"veterinary": True}, Proposed.NOT_RELEVANT, "veterinærpreparat"),
    ],
)
def test_what_has_changed_says_from_what_to_what(change: dict[str, object], action: Proposed, said: str) -> None:
    found = one(notice(**change), known(1, notice()))
    assert found.action is action
    assert any(said in str(reason) for reason in found.why)


def test_another_strength_is_not_a_renamed_one() -> None:
    stronger = notice(name="Valtrex 250 mg tablett, 10 stk")
    assert one(stronger, known(1, notice())).action is Proposed.NEW


def test_a_row_that_is_gone_proposes_an_end_and_proves_nothing() -> None:
    gone = compare([], {}, [known(1, notice())], {})
    assert [(found.row, found.action) for found in gone] == [(None, Proposed.ENDED)]
    assert "beviser ikke" in str(gone[0].why[0])
    assert compare([], {}, [known(1, notice(), gone=True)], {}) == []
    assert compare([], {}, [known(1, notice(status=NoticeStatus.ENDED))], {}) == []


def test_an_extension_of_what_was_not_relevant_does_not_come_back() -> None:
    before = known(1, notice(), verdict=Verdict.NOT_RELEVANT, reason="ikke i bruk i sykehus")
    later = one(notice(end=dt.date(2026, 8, 1)), before)
    assert later.action is Proposed.NOT_RELEVANT
    assert "ikke i bruk i sykehus" in str(later.why[0])
    overlapping = one(notice(start=dt.date(2026, 5, 10), end=dt.date(2026, 8, 1)), before)
    assert overlapping.action is Proposed.NOT_RELEVANT


def test_a_shortage_after_the_old_end_has_passed_is_new_even_where_the_first_was_not_relevant() -> None:
    before = known(1, notice(), verdict=Verdict.NOT_RELEVANT, reason="kort")
    assert one(notice(start=dt.date(2026, 9, 1), end=dt.date(2026, 10, 1)), before).action is Proposed.NEW


def test_an_open_case_of_the_same_preparation_is_laid_beside() -> None:
    medicine = as_written("Valtrex 500 mg tablett")
    cases = {medicine.key: [OpenCase("2026-0012", START, dt.date(2026, 4, 1))]}
    found = one(notice(), cases=cases)
    assert (found.action, found.case) == (Proposed.EXTEND, "2026-0012")
    same = {medicine.key: [OpenCase("2026-0012", START, END)]}
    assert one(notice(), cases=same).action is Proposed.SAME


def test_a_day_later_exactly_what_changed_is_proposed() -> None:
    rng = random.Random(11)
    brands = [f"{first}{last}" for first in ("Al", "Be", "Cor", "Dex", "Ev") for last in ("tan", "rix", "mol", "vir")]
    rows = [
        notice(
            row,
            f"{rng.choice(brands)} {5 * (row % 40 + 1)} mg tablett, {row} stk boks",
            start=START + dt.timedelta(rng.randrange(60)),
            end=END + dt.timedelta(rng.randrange(90)),
        )
        for row in range(2, 400)
    ]
    shuffled = rng.sample(rows, len(rows))
    new, longer, gone, renamed = shuffled[:20], shuffled[20:50], shuffled[50:65], shuffled[65:70]
    today = [replace(row, end=row.end + dt.timedelta(30)) if row in longer else row for row in rows if row not in gone]  # type: ignore[operator]
    today = [replace(row, name=row.name.replace("boks", "boks av plast")) if row in renamed else row for row in today]
    before = [known(place, row) for place, row in enumerate(rows) if row not in new]
    proposals = compare(today, graded(*today), before, {})
    actions = Counter(found.action for found in proposals)
    assert actions[Proposed.NEW] == 20
    assert actions[Proposed.EXTEND] == 30
    assert actions[Proposed.UPDATE] == 5
    assert sum(found.row is None for found in proposals) == actions[Proposed.ENDED] == 15
    assert actions[Proposed.SAME] == len(rows) - 20 - 30 - 15 - 5
    assert {found.row for found in proposals if found.action is Proposed.NEW} == {row.row for row in new}


@pytest.mark.parametrize("differ", ["end", "note", "nothing"])
def test_rows_that_share_a_name_and_a_start_are_not_taken_for_each_other(differ: str) -> None:
    ends = {row: END + dt.timedelta(row if differ == "end" else 0) for row in (2, 3, 4)}
    rows = [notice(row, end=end, note=f"Pakning {row}" if differ == "note" else "") for row, end in ends.items()]
    found = compare(rows, graded(*rows), [known(row.row, row) for row in rows], {})
    assert [proposal.action for proposal in found] == [Proposed.SAME] * 3


def test_an_end_that_moved_is_told_of_the_row_that_it_moved_in() -> None:
    first, second = notice(2), notice(3, end=dt.date(2026, 6, 30))
    later = replace(second, end=dt.date(2026, 7, 31))
    found = compare([first, later], graded(first, later), [known(1, first), known(2, second)], {})
    assert [(proposal.known.id, proposal.action) for proposal in found if proposal.known] == [
        (1, Proposed.SAME),
        (2, Proposed.EXTEND),
    ]


def test_a_row_that_could_not_be_read_is_not_gone() -> None:
    assert compare([], {}, [known(1, notice())], {}, refused=["VALTREX 500 mg tablett, 10 stk"]) == []


def test_a_withdrawn_notice_that_left_the_list_is_gone_too() -> None:
    (gone,) = compare([], {}, [known(1, notice(status=NoticeStatus.WITHDRAWN))], {})
    assert (gone.action, gone.notice) == (Proposed.ENDED, None)
