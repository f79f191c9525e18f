"""*Til vurdering*: what stands above the fold, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bot.catalogue.catalogue import Catalogue
from bot.registers.compare import Grade, Graded
from bot.registers.notices import Notice, NoticeStatus
from bot.registers.triage import FOLD, WORTH_A_LOOK, Background, Triaged, above_the_fold, triage

TODAY = dt.date(2026, 3, 12)
NOTICE = Notice(2, "x", "x", dt.date(2026, 3, 1), dt.date(2026, 7, 1), NoticeStatus.ONGOING)
CATALOGUE = Catalogue.shipped()


def looked_at(name: str, note: str = "", background: Background | None = None) -> Triaged:
    preparation = CATALOGUE.match(name).candidates[0].preparations[0]
    return triage(replace(NOTICE, note=note), Graded(Grade.CERTAIN), preparation, background or Background(), TODAY)


def test_a_hospital_infusion_without_an_equivalent_is_worth_a_look() -> None:
    found = looked_at("Etoposid kons til inf væske 20 mg/ml", "Behandling med annet virkestoff bør vurderes")
    assert found.points >= WORTH_A_LOOK
    assert "brukes mest i sykehus" in [str(reason) for reason in found.why]


def test_a_tablet_with_an_equivalent_in_the_pharmacies_is_not() -> None:
    found = looked_at("Ibux tab 400 mg", "Tilgjengelig legemiddel innen samme byttegruppe")
    assert found.points < WORTH_A_LOOK
    assert "DMP: Tilgjengelig legemiddel innen samme byttegruppe" in [str(reason) for reason in found.why]


def test_what_stands_in_a_stock_is_worth_a_look_whatever_it_is() -> None:
    assert looked_at("Valtrex tab 500 mg", background=Background(in_stock=True)).points >= WORTH_A_LOOK


def test_an_insulin_pen_is_not_taken_for_a_hospital_drug() -> None:
    assert "brukes mest i sykehus" not in [str(reason) for reason in looked_at("NovoRapid inj 100 E/ml").why]


def test_each_slip_weighs_and_is_told() -> None:
    slipped = looked_at("Valtrex tab 500 mg", background=Background(slips=5))
    assert slipped.points == looked_at("Valtrex tab 500 mg").points + 2
    assert "sluttdatoen er flyttet 5 ganger" in [str(reason) for reason in slipped.why]
    once = looked_at("Valtrex tab 500 mg", background=Background(slips=1))
    assert "sluttdatoen er flyttet én gang" in [str(reason) for reason in once.why]


def test_the_fold_holds_the_heaviest_and_no_more_than_it_can() -> None:
    points = [WORTH_A_LOOK + place % 3 for place in range(100)]
    first = above_the_fold(points)
    assert len(first) == FOLD
    assert min(points[place] for place in first) >= sorted(points)[-FOLD]
    assert above_the_fold([WORTH_A_LOOK - 1] * 5) == set()
