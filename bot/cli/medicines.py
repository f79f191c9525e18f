"""The catalogue, and what words mean in it."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path

from bot.catalogue.importing import FestTaken
from bot.cli.arguments import Commands
from bot.cli.doing import CouldNot, existing, with_services
from bot.messages.words import BOKMAAL
from bot.progress_bar import Bar
from bot.refusal import Refused
from bot.registers.fest import SOURCE, read_brand_csv, read_fest
from bot.services import Services
from bot.settings import Settings


def add_to(commands: Commands) -> None:
    """The commands of this module."""
    catalogue = commands.group("catalogue", "legemiddelkatalogen")
    importing = catalogue.add_parser(
        "import", help="les inn FEST M30 (XML eller zip) eller listen over preparater (CSV)"
    )
    importing.add_argument("file", type=Path, metavar="FIL")
    importing.add_argument("--dry-run", action="store_true", help="vis hva som ville endres; lagre ingenting")
    importing.add_argument(
        "--replace", action="store_true", help="godta at mer enn 5 %% av det som kom fra FEST, utgår"
    )
    importing.add_argument("--older", action="store_true", help="godta en FEST-fil som er eldre enn den som gjelder")
    importing.set_defaults(do=_catalogue_import)

    match = commands.add(
        "match", "hvilket legemiddel som menes; uten ord leses en linje om gangen fra standard inn", _match
    )
    match.add_argument("--json", action="store_true", help="en JSON-linje per svar")
    match.add_argument("query", nargs="*", metavar="ORD")


def _catalogue_import(wanted: argparse.Namespace) -> int:
    path = existing(wanted.file)
    if path.suffix.casefold() == ".csv":

        async def take_list(services: Services, _: Settings) -> None:
            read, changed = await services.catalogue.take_in(read_brand_csv(path), path.name, dry_run=wanted.dry_run)
            print(f"{read} preparater lest fra {path.name}, {changed} nye eller endret.")
            if wanted.dry_run:
                print("Ingenting er lagret.")

        return with_services(take_list)

    async def take_fest(services: Services, _: Settings) -> None:
        with Bar(f"Leser {path.name}") as bar:
            fest = read_fest(path, progress=bar)
        try:
            if wanted.dry_run:
                taken = await services.fest.preview(fest)
            else:
                taken = await services.fest.take_in(fest, path.name, replace=wanted.replace, older=wanted.older)
        except Refused as refused:
            raise CouldNot(f"{path.name}: {refused} Ingenting er lagret.") from None
        print("\n".join(_fest_in_words(taken, path.name, dry_run=wanted.dry_run)))

    return with_services(take_fest, search=False)


_EXAMPLES = 5


def _fest_in_words(taken: FestTaken, filename: str, *, dry_run: bool) -> list[str]:
    """What was done, or would be, with a few examples of each; then the shortages that FEST itself warns of."""
    fest, of = taken.fest, taken.preparations
    names = {one.preparation.id: one.preparation.name for one in fest.preparations}
    on = BOKMAAL.date(fest.fetched_on) if fest.fetched_on else "ukjent dato"
    lines = [
        f"{len(fest.preparations)} preparater lest fra {filename}, {of.touched} nye eller endret.",
        f"Kilde: {SOURCE}, {on}. "
        f"{len(fest.packages)} pakninger, {fest.exchange_groups} byttegrupper, {fest.warnings} varsler.",
    ]
    for what, listed in (
        ("nye", [names[id] for id in of.added]),
        ("endret", [names[id] for id in of.changed]),
        ("utgått", list(taken.gone_names)),
    ):
        if listed:
            more = f" og {len(listed) - _EXAMPLES} til" if len(listed) > _EXAMPLES else ""
            lines.append(f"Preparater, {what}: {len(listed)} ({'; '.join(listed[:_EXAMPLES])}{more}).")
    packs = taken.packages
    if packs:
        counts = f"{len(packs.added)} nye, {len(packs.changed)} endret, {len(packs.gone)} utgått"
        lines.append(f"Pakninger: {counts}.")
    if taken.newer and taken.changes:
        lines.append(f"Obs: en nyere fil, fra {BOKMAAL.date(taken.newer)}, er allerede lest.")
    if not taken.whole:
        lines.append("Filen er et utdrag: den legges til listen som følger med.")
    if not taken.changes:
        lines.append("Ingenting er endret.")
    elif dry_run:
        lines.append("Ingenting er lagret.")
    if fest.shortages:
        lines.append(f"FEST varsler om {len(fest.shortages)} leveringssvikter; det åpnes ingen saker av dem:")
        lines += [
            f"  {one.heading}{f' (fra {BOKMAAL.date(one.since)})' if one.since else ''}" for one in fest.shortages
        ]
    return lines


def _match(wanted: argparse.Namespace) -> int:
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):  # a byte that is no letter spoils its own query only
            stream.reconfigure(errors="replace")

    async def work(services: Services, _: Settings) -> None:
        queries = [" ".join(wanted.query)] if wanted.query else (line.rstrip("\r\n") for line in sys.stdin)
        for query in queries:
            found = services.catalogue.match(query)
            if wanted.json:
                print(json.dumps(found.as_json(), ensure_ascii=False), flush=not wanted.query)
                continue
            print(f"{query}: {_DECISIONS[found.decision.value]}")
            for candidate in found.candidates:
                print(f"  {candidate.name} · {candidate.substance} · {candidate.atc or '–'} · {candidate.score:.2f}")

    return with_services(work)


_DECISIONS = {"match": "sikkert treff", "ask": "usikkert, velg en", "none": "ingen treff"}
