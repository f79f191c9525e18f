"""Every button says what pressing it does: its label begins with a verb, in the reader's language."""

from __future__ import annotations

import re

import pytest

from tests.golden.test_golden import GOLDEN, LANGUAGES, as_read

VERBS = {
    "nb": """
        angre avbryt avslutt avvis behold bekreft bytt demp del endre ferdig fjern flytt følg forkast gi gjenåpne godta
        fordel koble vedta lag opphev
        spør
        hent juster lagre last legg les lukk meld melde oppdater opprett publiser regn rett sett send skill skriv slå
        slett slutt søk svar ta trekk utsett velg vis vurder åpne prøv bruk registrer finn gjør
        si stopp signer
    """,
    "nn": """
        spør angre avbryt avslutt avvis behald stadfest byt demp fordel kople vedta lag opphev
        del endre ferdig fjern flytt følg forkast gi opne godta hent
        juster lagre last legg les lukk meld oppdater opprett publiser rekn rett set send skil skriv slå slett slutt søk
        svar ta trekk utset vel vis vurder prøv bruk registrer finn gjer
        sei stopp signer
    """,
    "en": """
        find do leave mark ask
        undo cancel close reject keep confirm swap snooze split share change done remove move follow discard give reopen
        accept fetch adjust save upload add import report update open publish work correct set send write merge delete
        stop search answer take withdraw postpone choose show assess try use post hand register link decide
        lift get make put rewrite
        read say store sign
    """,
}

AGREED = {
    "nb": """
        Jeg følger opp|Jeg er her|Ikke aktuell|Ikke aktuell …|Hva hvis …|Falsk alarm|Feil legemiddel|Til vurdering
        |Forrige|Neste|Forrige side|Neste side|Neste (side|Første sak|Annen sak|Beslutning|Oppgave|Ny slutt|Ny sluttdato
        |Mer|Gjort|Tilbake|Preparat|Pasienter og pakning|Årsak, start og kilde|Hvem rammes|Tiltak
    """,
    "nn": """
        Eg følgjer opp|Eg er her|Ikkje aktuell|Ikkje aktuell …|Kva om …|Falsk alarm|Til vurdering
        |Førre|Neste|Førre side|Neste side|Neste (side|Første sak|Anna sak|Avgjerd|Oppgåve|Ny slutt|Ny sluttdato
        |Meir|Gjort|Tilbake|Preparat|Pasientar og pakning|Årsak, start og kjelde|Kven blir ramma|Tiltak
    """,
    "en": """
        I’ll follow up|I am here|Not relevant|Not relevant …|What if …|False alarm|To assess
        |Previous|Next|Previous page|Next page|Next (page|First case|Another case|Decision|Task|New end|New end date
        |More|Back|Product|Patients and pack|Cause, start and source|Who is affected|Measures
    """,
}
"""The field's own words for a button, those that turn a page, and the parts of a form that has several."""

_ROW = re.compile(r"^(?:\[[^\[\]]{2,}\] ?)+$", re.MULTILINE)
_BUTTON = re.compile(r"\[([^\[\]]{2,})\]")
"""As the workspace writes a row of buttons; a box to tick has one character."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_button_begins_with_a_verb_or_is_one_of_those_agreed(language: str) -> None:
    verbs = set(VERBS[language].split()) | {"svar", "answer"}  # a button that gives a language is in that language
    agreed = tuple(label.strip() for label in AGREED[language].split("|"))
    odd = {
        label: name
        for name, (template, values) in GOLDEN.items()
        for row in _ROW.findall(as_read(template, values, language))
        for label in _BUTTON.findall(row)
        if label.split()[0].casefold() not in verbs and not label.startswith(agreed)
    }
    assert odd == {}
