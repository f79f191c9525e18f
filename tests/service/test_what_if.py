"""What-if questions that cannot be answered are refused, and say why."""

from __future__ import annotations

import pytest

from bot.app import assemble
from bot.clock import SetClock
from bot.refusal import Refused
from bot.stock.supposing import PatientsOf
from storage.unit_of_work import Database
from tests.service.conftest import SIRI, person, settings_for

SHEET = (
    "lager;preparat;beholdning;enhet;dato;forbruk;periode\n"
    "Fokuslisten;Valtrex tab 500 mg;4200;tablett;2025-07-06;9000;2025-06\n"
)


async def test_patients_of_a_medicine_do_not_move_to_it(database: Database, clock: SetClock) -> None:
    services = assemble(settings_for(), database, clock)
    await services.stock.ensure_pools()
    await services.sheets.import_file(SHEET.encode(), "lager.csv")
    valtrex = services.catalogue.meant("valtrex 500 mg tab").medicine
    assert valtrex is not None
    with pytest.raises(Refused, match="bruker allerede"):
        await services.what_if.ask(valtrex, [PatientsOf(0.3, valtrex)], await person(services, SIRI), key=None)
