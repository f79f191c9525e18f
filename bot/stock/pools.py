"""Stock pools: whose they are, whether their outflow can be held, and whose demand draws on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.messages.phrase import Phrase, phrase
from bot.messages.words import Days


class Holdable(StrEnum):
    """Whether somebody can stop packs from leaving the pool."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def words(self) -> Phrase:
        """The answer to «kan uttaket stanses?»."""
        return _HOLDABLE_WORDS[self]


_HOLDABLE_WORDS = {
    Holdable.YES: phrase("ja"),
    Holdable.NO: phrase("nei"),
    Holdable.UNKNOWN: phrase("vet ikke"),
}


_HELD_WORDS = {
    Holdable.YES: phrase("uttaket kan stanses"),
    Holdable.NO: phrase("uttaket kan ikke stanses"),
    Holdable.UNKNOWN: phrase("ikke kjent om uttaket kan stanses"),
}


class DemandBase(StrEnum):
    """Whose use a figure speaks of."""

    HOSPITAL = "hospital"
    PHARMACY = "pharmacy"  # prescribed in hospital, fetched in pharmacies
    MARKET = "market"
    PRIORITISED = "prioritised"
    UNKNOWN = "unknown"

    @property
    def words(self) -> Phrase:
        """Whose use it is, in words that fit after «forbruk:»."""
        return _BASE_WORDS[self]


_BASE_WORDS = {
    DemandBase.HOSPITAL: phrase("sykehusene"),
    DemandBase.PHARMACY: phrase("resepter fra sykehus, hentet i apotek"),
    DemandBase.MARKET: phrase("hele markedet"),
    DemandBase.PRIORITISED: phrase("prioritert bruk"),
    DemandBase.UNKNOWN: phrase("ukjent"),
}


class PoolKind(StrEnum):
    """What sort of stock it is. Only `EMERGENCY` and `PRIMARY_CARE` are called *beredskapslager*."""

    EMERGENCY = "emergency"
    WHOLESALER = "wholesaler"
    PRIMARY_CARE = "primary_care"
    SUPPLIER = "supplier"
    HOSPITAL = "hospital"

    @property
    def words(self) -> Phrase:
        """What sort of stock it is, as people say it."""
        return _KIND_WORDS[self]


_KIND_WORDS = {
    PoolKind.EMERGENCY: phrase("nasjonalt beredskaps- eller sikkerhetslager"),
    PoolKind.WHOLESALER: phrase("grossistens lager"),
    PoolKind.PRIMARY_CARE: phrase("primærhelsetjenestens beredskapslager"),
    PoolKind.SUPPLIER: phrase("leverandørens lager"),
    PoolKind.HOSPITAL: phrase("sykehusets eget lager"),
}


PROPERTIES = ("name", "owner", "kind", "holdable", "drawn_by", "sized_on", "target_days", "limit", "shelf")
"""What people can change of a pool; `limit` is the alert limit, in days or as a share."""


@dataclass(frozen=True, slots=True)
class ItemRules:
    """What holds for one item in a pool instead of what holds for the pool. None: as the pool.

    `UNKNOWN` is said of the item too: then the pool's own answer does not hold for it, and nobody knows
    better. At most one of the two limits is set.
    """

    holdable: Holdable | None = None
    sized_on: DemandBase | None = None
    drawn_by: DemandBase | None = None
    alert_limit_days: float | None = None
    alert_limit_share: float | None = None
    target_days: float | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The names, among a pool's `PROPERTIES`, of those that the item has rules for."""
        limited = self.alert_limit_days is not None or self.alert_limit_share is not None
        return tuple(
            name for name in PROPERTIES if (limited if name == "limit" else getattr(self, name, None) is not None)
        )


@dataclass(frozen=True, slots=True)
class Pool:
    """One stock that somebody answers for.

    `sized_on` is the use it was dimensioned after, `drawn_by` the use that empties it: where they differ,
    dividing the stock by the first is wrong. `alert_limit_days` is days of cover; `alert_limit_share` a
    share (0-1) of `target_days`. Neither set: the pool raises no alert. `shelf` names the shelves its packs
    lie on: pools that share one may count the same pack.
    """

    id: str
    name: str
    kind: PoolKind
    owner: str
    holdable: Holdable = Holdable.UNKNOWN
    sized_on: DemandBase = DemandBase.UNKNOWN
    drawn_by: DemandBase = DemandBase.UNKNOWN
    alert_limit_days: float | None = None
    target_days: float | None = None
    alert_limit_share: float | None = None
    shelf: str | None = None
    aliases: tuple[str, ...] = field(default=())

    @property
    def limit_days(self) -> float | None:
        """The alert limit in days of cover.

        The limit itself, or its share of the target; `None` when not set.
        """
        if self.alert_limit_days is not None:
            return self.alert_limit_days
        if self.alert_limit_share is not None and self.target_days is not None:
            return self.alert_limit_share * self.target_days
        return None

    def for_item(self, rules: ItemRules) -> Pool:
        """The pool as it is for one item.

        What the item's rules say goes before the pool's own. A limit of the item's own replaces the pool's,
        be it in days or as a share; a target of its own moves a limit that is a share of it.
        """
        limited = rules.alert_limit_days is not None or rules.alert_limit_share is not None
        return replace(
            self,
            holdable=rules.holdable or self.holdable,
            sized_on=rules.sized_on or self.sized_on,
            drawn_by=rules.drawn_by or self.drawn_by,
            alert_limit_days=rules.alert_limit_days if limited else self.alert_limit_days,
            alert_limit_share=rules.alert_limit_share if limited else self.alert_limit_share,
            target_days=self.target_days if rules.target_days is None else rules.target_days,
        )

    def words(self, names: Iterable[str] = PROPERTIES) -> tuple[Phrase, ...]:
        """The properties with these names, each in a few words."""
        return tuple(self._words(name) for name in names)

    def changes_to(self, other: Pool) -> tuple[str, ...]:
        """The names of the properties in which `other` differs."""
        return tuple(name for name in PROPERTIES if self._value(name) != other._value(name))

    def _value(self, name: str) -> object:
        return (self.alert_limit_days, self.alert_limit_share) if name == "limit" else getattr(self, name)

    def _words(self, name: str) -> Phrase:
        match name:
            case "name":
                return phrase("heter {name}", name=self.name)
            case "owner":
                return phrase("eies av {owner}", owner=self.owner) if self.owner else phrase("eier ikke kjent")
            case "kind":
                return self.kind.words
            case "holdable":
                return _HELD_WORDS[self.holdable]
            case "drawn_by" if self.drawn_by is DemandBase.UNKNOWN:
                return phrase("ikke kjent hvem som tømmer det")
            case "drawn_by":
                return phrase("tømmes av {whose}", whose=self.drawn_by.words)
            case "sized_on" if self.sized_on is DemandBase.UNKNOWN:
                return phrase("ikke kjent hvem det er beregnet for")
            case "sized_on":
                return phrase("beregnet for {whose}", whose=self.sized_on.words)
            case "target_days" if self.target_days is None:
                return phrase("mål ikke kjent")
            case "target_days":
                return phrase("mål {days}", days=Days(self.target_days or 0))
            case "shelf":
                return phrase("hylle {shelf}", shelf=self.shelf) if self.shelf else phrase("ingen felles hylle")
        if self.alert_limit_days is not None:
            return phrase("varslingsgrense {days}", days=Days(self.alert_limit_days))
        if self.alert_limit_share is not None:
            return phrase("varslingsgrense {percent} % av målet", percent=_percent(self.alert_limit_share))
        return phrase("ingen varslingsgrense")

    @property
    def sized_for_others(self) -> bool:
        """Sized on hospital use, emptied by more than hospitals, and nobody can say that it can be held."""
        return (
            self.sized_on is DemandBase.HOSPITAL
            and self.drawn_by in (DemandBase.PHARMACY, DemandBase.MARKET)
            and self.holdable is not Holdable.YES
        )


# The national stocks. "003" is DMP's note on the emergency stocks, "002" the shortage centre's annual
# report 2025. Nobody has published an alert limit for any of them, so none is set here.
STANDARD_POOLS: tuple[Pool, ...] = (
    Pool(
        # 002, note 2: «sikkerhetslager med beredskapsegenskaper». 003: up to 180 days, at AHN; the regional
        # health authorities decide its use.
        id="b180s",
        name="B180S",
        kind=PoolKind.EMERGENCY,
        owner="De regionale helseforetakene",
        holdable=Holdable.YES,
        sized_on=DemandBase.HOSPITAL,
        drawn_by=DemandBase.HOSPITAL,
        target_days=180,
        shelf="ahn",
        aliases=("b180-s", "b180"),
    ),
    Pool(
        # 002 on chloramphenicol: «sikkerhetslager (Fokuslisten) der uttak ikke kan stanses»; on Valtrex:
        # sized on hospital use only, emptied through pharmacies. Its target is not stated.
        id="fokuslisten",
        name="Fokuslisten",
        kind=PoolKind.EMERGENCY,
        owner="De regionale helseforetakene",
        holdable=Holdable.NO,
        sized_on=DemandBase.HOSPITAL,
        drawn_by=DemandBase.MARKET,
        shelf="ahn",
        aliases=("fokusliste", "fokus"),
    ),
    Pool(
        # 002, note 1 names it as the third part of the national stock and says nothing more.
        id="b50",
        name="B50",
        kind=PoolKind.EMERGENCY,
        owner="De regionale helseforetakene",
        shelf="ahn",
    ),
    Pool(
        # 003: 20 days of sale, besides the emergency stock and on the same shelves. DMP can ration its
        # sale, the pool's own holder cannot be taken to.
        id="grossist",
        name="Grossistens ordinære lager",
        kind=PoolKind.WHOLESALER,
        owner="Alliance Healthcare Norge",
        sized_on=DemandBase.MARKET,
        drawn_by=DemandBase.MARKET,
        target_days=20,
        shelf="ahn",
        aliases=("grossistlager", "ordinært lager", "ahn", "alliance healthcare", "wholesaler"),
    ),
    Pool(
        # 003: three wholesalers hold three to six months' sale in pharmacies of about 60 substances; DMP
        # decides its use. The target differs from medicine to medicine.
        id="primaerhelsetjenesten",
        name="Primærhelsetjenestens beredskapslager",
        kind=PoolKind.PRIMARY_CARE,
        owner="DMP",
        sized_on=DemandBase.MARKET,
        drawn_by=DemandBase.MARKET,
        aliases=("primærhelsetjenesten", "primærlager", "primary care"),
    ),
    Pool(
        id="leverandor",
        name="Leverandørens lager",
        kind=PoolKind.SUPPLIER,
        owner="Leverandøren",
        drawn_by=DemandBase.MARKET,
        aliases=("leverandør", "leverandørlager", "supplier"),
    ),
)


def _percent(share: float) -> int | float:
    percent = round(share * 100, 1)
    return int(percent) if percent == int(percent) else percent


def pool_key(text: str) -> str:
    """How a pool's name is compared: without case, hyphens or doubled spaces."""
    return " ".join(text.replace("-", " ").casefold().split())


def pools_by_name(pools: Iterable[Pool]) -> dict[str, Pool]:
    """Every name, id and alias of `pools`, as `pool_key` writes it.

    An earlier pool keeps a name that two share.
    """
    found: dict[str, Pool] = {}
    for pool in pools:
        for name in (pool.id, pool.name, *pool.aliases):
            found.setdefault(pool_key(name), pool)
    return found


def hospital_pool(name: str) -> Pool:
    """A hospital's own stock, as a sheet names one that nobody has described yet."""
    plain = name.casefold().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    slug = "-".join("".join(c if c.isalnum() else " " for c in plain).split())
    return Pool(
        id=slug,
        name=" ".join(name.split()),
        kind=PoolKind.HOSPITAL,
        owner=" ".join(name.split()),
        holdable=Holdable.YES,
        sized_on=DemandBase.HOSPITAL,
        drawn_by=DemandBase.HOSPITAL,
    )
