"""Who may do what: the whole table, and where each grant comes from."""

from __future__ import annotations

import itertools
from typing import Any, cast

import pytest

from bot.people.places import trust_of, trusts
from bot.people.roles import ALLOWED, EVERY_POOL, Action, Actor, Role
from bot.people.service import PeopleService, UserGroups
from bot.refusal import NotAllowed
from bot.settings import load_settings

EVERYONE = {Action.REPORT, Action.READ_PUBLISHED, Action.FOLLOW}
MAY = {
    Role.CLINICIAN: EVERYONE,
    Role.MEETING: EVERYONE
    | {Action.READ_CASES, Action.READ_STOCK, Action.READ_DIGEST, Action.RUN_MEETING, Action.READ_STATISTICS},
    Role.STOCK_MANAGER: EVERYONE | {Action.READ_STOCK, Action.STORE_STOCK, Action.ANSWER_ALERT, Action.KEEP_POOLS},
    Role.CENTRE: set(Action) - {Action.SIGN_ASSESSMENT},
    Role.ADMIN: set(Action) - {Action.SIGN_ASSESSMENT},
    Role.SIGNER: EVERYONE | {Action.SIGN_ASSESSMENT},
}
"""DESIGN §1 and DOMAIN §4, written down a second time."""


def actor(*roles: Role, pools: frozenset[str] = frozenset()) -> Actor:
    return Actor("key", "U0SOMEONE1", "nb", None, frozenset({Role.CLINICIAN, *roles}), pools)


def test_every_action_is_in_the_table() -> None:
    assert set(ALLOWED) == set(Action)


@pytest.mark.parametrize(("role", "action"), list(itertools.product(Role, Action)))
def test_each_role_may_do_exactly_this(role: Role, action: Action) -> None:
    somebody = actor(role)
    assert somebody.may(action) == (action in MAY[role])
    if action in MAY[role]:
        somebody.require(action)
    else:
        with pytest.raises(NotAllowed, match="tilgang"):
            somebody.require(action)


def test_grants_add_up_and_take_nothing_away() -> None:
    for several in itertools.combinations(Role, 2):
        assert {action for action in Action if actor(*several).may(action)} == MAY[several[0]] | MAY[several[1]]


def test_a_stock_manager_manages_and_sees_their_own_pools_only() -> None:
    mona = actor(Role.STOCK_MANAGER, pools=frozenset({"fokuslisten"}))
    assert (mona.manages("fokuslisten"), mona.sees_stock_of("fokuslisten")) == (True, True)
    assert (mona.manages("b180s"), mona.sees_stock_of("b180s")) == (False, False)
    assert actor(Role.STOCK_MANAGER, pools=EVERY_POOL).manages("b180s")


def test_the_meeting_sees_stock_and_manages_none() -> None:
    dag = actor(Role.MEETING)
    assert (dag.sees_stock_of("b180s"), dag.manages("b180s")) == (True, False)


@pytest.mark.parametrize("role", [Role.CENTRE, Role.ADMIN])
def test_the_centre_manages_every_pool(role: Role) -> None:
    assert actor(role).manages("any at all")


def test_a_clinician_sees_no_numbers() -> None:
    assert not actor().sees_stock_of("b180s")
    assert not actor().manages("b180s")


# --- grants ---


def people(groups: dict[str, set[str]] | None = None, **settings: Any) -> PeopleService:
    """The service's part that reads grants; it asks no database for them."""
    known = UserGroups()
    known.members = {group: frozenset(members) for group, members in (groups or {}).items()}
    return PeopleService(cast("Any", None), load_settings(**settings), known)


def test_without_a_grant_one_is_a_clinician() -> None:
    assert people().grants("U0KARI0001") == (frozenset({Role.CLINICIAN}), frozenset())


def test_grants_by_name() -> None:
    service = people(roles={"centre": ["U0SIRI0001"], "meeting": ["U0DAG00001"], "admin": ["U0SIRI0001"]})
    assert service.grants("U0SIRI0001")[0] == {Role.CLINICIAN, Role.CENTRE, Role.SIGNER, Role.ADMIN}
    assert service.grants("U0DAG00001")[0] == {Role.CLINICIAN, Role.MEETING}


def test_all_of_the_centre_sign_until_somebody_is_named_and_an_admin_never_does() -> None:
    centre = {"centre": ["U0SIRI0001", "U0PER00001"], "admin": ["U0ANNA0001"]}
    assert all(Role.SIGNER in people(roles=centre).grants(one)[0] for one in centre["centre"])
    named = people(roles=centre | {"signers": ["U0PER00001", "U0KARI0001"]})
    signing = [
        one for one in ("U0SIRI0001", "U0PER00001", "U0KARI0001", "U0ANNA0001") if Role.SIGNER in named.grants(one)[0]
    ]
    assert signing == ["U0PER00001"], "one outside the centre does not sign, though they are named"


def test_grants_by_user_group_come_and_go_with_the_group() -> None:
    service = people({"S0CENTRE01": {"U0SIRI0001"}, "S0OTHER001": {"U0KARI0001"}}, centre_group="S0CENTRE01")
    assert Role.CENTRE in service.grants("U0SIRI0001")[0]
    assert Role.CENTRE not in service.grants("U0KARI0001")[0], "another group grants nothing"
    service.groups.members["S0CENTRE01"] = frozenset()
    assert Role.CENTRE not in service.grants("U0SIRI0001")[0]


def test_a_group_that_has_not_been_read_grants_nothing() -> None:
    assert people(centre_group="S0CENTRE01").grants("U0SIRI0001")[0] == {Role.CLINICIAN}
    assert not UserGroups().holds(None, "U0SIRI0001")


def test_managers_of_pools() -> None:
    service = people(
        pools={"fokuslisten": {"managers": ["U0MONA0001"]}, "b50": {"managers": ["U0MONA0001", "U0OLE00001"]}},
        stock_managers=["U0ALLE0001"],
    )
    assert service.grants("U0MONA0001") == (
        frozenset({Role.CLINICIAN, Role.STOCK_MANAGER}),
        frozenset({"fokuslisten", "b50"}),
    )
    assert service.grants("U0OLE00001")[1] == {"b50"}
    assert service.grants("U0ALLE0001")[1] == EVERY_POOL


# --- places ---


def test_every_place_has_one_trust() -> None:
    places = [place for trust in trusts() for place in trust.places]
    assert len(set(places)) == len(places)
    assert all(trust_of(place) for place in places)
    assert trust_of("Legevakten i Alta") is None
    assert all(len(place) <= 75 for place in places), "an option in Slack holds 75 characters"
