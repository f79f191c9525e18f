"""The exemplary digest of week 29 from its facts: July 2025 as the annual report tells it, counts invented."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from bot.cases.vocabulary import Criticality, Status
from bot.meeting.digest import AlertFacts, CaseFacts, DigestFacts, compose
from bot.messages.message import Message
from bot.messages.phrase import phrase
from bot.messages.render import Renderer
from bot.stock.cover import Answer
from bot.stock.ends import Slips

SINCE = dt.datetime(2025, 7, 9, 12, 0, tzinfo=dt.UTC)
AS_OF = dt.datetime(2025, 7, 16, 12, 0, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2025, 4, 10, 8, 0, tzinfo=dt.UTC)

VALTREX = CaseFacts(
    number="2025-0201",
    name="Valtrex 250 og 500 mg (valaciklovir)",
    substance="Valaciklovir",
    atc="J05AB11",
    complex="valtrex-zovirax",
    status=Status.ONGOING,
    opened_at=dt.datetime(2025, 7, 11, 8, 0, tzinfo=dt.UTC),
    changes=("tomt i apotek",),
    stock="Fokuslisten tømmes, uttaket kan ikke stanses",
    covers=Answer.NO,
    substitute="utenlandske pakninger, men delleveransene er for små",
    decision_question="be DMP vurdere rasjonering? Råd til transplantasjons- og kreftmiljøene?",
)
ZYPADHERA = CaseFacts(
    number="2024-0088",
    name="ZypAdhera (olanzapin depot)",
    substance="Olanzapin",
    atc="N05AH03",
    status=Status.ONGOING,
    opened_at=LONG_AGO,
    remark="siden våren 2024",
    slips=Slips(5, 143),
    stock="nasjonalt tomt (februar, gammelt tall), ujevne leveranser",
    covers=Answer.NO,
    substitute="ikke å få i Europa; flere HF har byttet behandling",
    decision_question="fordeling etter befolkningstall gjennom fellesferien?",
)
ETOPOSID = CaseFacts(
    number="2025-0147",
    name="Etoposid infusjonskonsentrat",
    substance="Etoposid",
    atc="L01CB01",
    status=Status.ONGOING,
    opened_at=LONG_AGO,
    start=dt.date(2025, 5, 1),
    expected_end=dt.date(2025, 9, 15),
    stock="uregistrerte pakninger kjøpt inn",
    covers=Answer.YES,
    margin="+ 1–2 måneder",
    substitute="på plass",
    note=phrase("Ingen prioritering nødvendig."),
    criticality=Criticality.HIGH,
)
ZOVIRAX = CaseFacts(
    number="2025-0205",
    name="Zovirax (aciklovir)",
    substance="Aciklovir",
    atc="J05AB01",
    complex="valtrex-zovirax",
    status=Status.UPCOMING,
    opened_at=LONG_AGO,
    stock="synker raskt",
    covers=Answer.PROBABLY_NOT,
    substitute="ingen avklart",
    decision_question="hvem får prioritet?",
    domino_of="2025-0201",
)
QUIET = tuple(
    CaseFacts(
        number=f"2025-{n:04}",
        name=f"Stille sak {n}",
        status=Status.ONGOING,
        opened_at=LONG_AGO,
        covers=Answer.YES,
    )
    for n in range(1, 62)
)
CLOSED = CaseFacts(
    number="2025-0119",
    name="Mucomyst inhalasjonsvæske (acetylcystein)",
    status=Status.CLOSED,
    opened_at=LONG_AGO,
    closed_at=dt.datetime(2025, 7, 14, 9, 0, tzinfo=dt.UTC),
    outcome=phrase("Prioritert"),
)

FACTS = DigestFacts(
    week="2025-W29",
    as_of=AS_OF,
    since=SINCE,
    cases=(*QUIET, CLOSED, ZOVIRAX, ETOPOSID, ZYPADHERA, VALTREX),
    alerts=(
        AlertFacts(
            "Valtrex tabletter 500 mg (valaciklovir)",
            "Fokuslisten",
            phrase("rekker trolig til {day}", day="20. juli"),
            case="2025-0201",
        ),
    ),
    reports={"Haukeland universitetssjukehus": 2, "Oslo universitetssykehus": 3},
)


def read(message: Message) -> str:
    """A message as it reads on a phone: its blocks' words, a line between sections, buttons in brackets."""
    shown = []
    for block in message.blocks:
        texts = [block["text"]] if "text" in block else block["elements"]
        words = "\n".join(text["text"] for text in texts)
        button = f" [{block['accessory']['text']['text']}]" if "accessory" in block else ""
        shown.append(words + button)
    return "\n\n".join(shown)


def test_the_digest_of_week_29_reads_as_it_should() -> None:
    [message] = Renderer().render_parts("digest.j2", digest=compose(FACTS), now=AS_OF)
    assert message.text == (
        "Mangelmøtet uke 29 · 1 ny · 2 pågående · 1 kommende\n"
        "3 trenger beslutning: Valtrex 250 og 500 mg (valaciklovir), ZypAdhera (olanzapin depot) og Zovirax (aciklovir)"
    )
    assert read(message) == Path(__file__).with_name("week_29.txt").read_text(encoding="utf-8").rstrip("\n")


def test_the_json_of_week_29_has_what_programs_ask_for() -> None:
    shown = json.loads(json.dumps(compose(FACTS).as_json()))
    assert [shown[key] if key in ("week", "unchanged", "reports") else len(shown[key]) for key in shown] == [
        "2025-W29", 3, 1, 2, 1, 1, 61, 61, 1, {"Oslo universitetssykehus": 3, "Haukeland universitetssjukehus": 2},
        0, 0,
    ]  # fmt: skip
    etoposid = shown["ongoing"][1]
    asked = ("number", "name", "duration", "stock", "covers", "gap_days", "substitute", "why")
    assert {key: etoposid[key] for key in asked} == {
        "number": "2025-0147",
        "name": "Etoposid infusjonskonsentrat",
        "duration": "til 15. sept.",
        "stock": "uregistrerte pakninger kjøpt inn",
        "covers": "ja",
        "gap_days": None,
        "substitute": "på plass",
        "why": "kritisk for pasientene",
    }
