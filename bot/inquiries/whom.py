"""Who answers for a health trust: what `[trusts.<name>]` says, and the members of its user group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.people.places import catchments
from bot.settings import TrustSetting

ALL = "all"
REGION = "region:"
TRUST = "trust:"


@dataclass(frozen=True, slots=True)
class Contact:
    """A health trust and where its question goes: people's Slack ids, and a channel."""

    trust: str
    region: str
    people: tuple[str, ...]
    channel: str | None


def choices() -> list[tuple[str, str]]:
    """What may be chosen: all trusts, those of a region, one; value and name, without the words for "all"."""
    regions = list(dict.fromkeys(one.region for one in catchments()))
    return [(f"{REGION}{one}", one) for one in regions] + [(f"{TRUST}{one.trust}", one.trust) for one in catchments()]


def respondents(
    chosen: Sequence[str], said: Mapping[str, TrustSetting], groups: Mapping[str, frozenset[str]]
) -> list[Contact]:
    """The trusts that were chosen, each once, region by region. What is no choice of ours is left out."""
    wanted = set(chosen)
    found = []
    for one in catchments():
        if not wanted & {ALL, f"{REGION}{one.region}", f"{TRUST}{one.trust}"}:
            continue
        setting = said.get(one.trust) or TrustSetting()
        members = sorted(groups.get(setting.group, frozenset())) if setting.group else []
        found.append(Contact(one.trust, one.region, tuple(dict.fromkeys([*setting.people, *members])), setting.channel))
    return found


def short(region: str) -> str:
    """ "Helse Vest" of "Helse Vest RHF"."""
    return region.removesuffix(" RHF")
