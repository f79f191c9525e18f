"""Ids from other workspaces: they carry the workspace inside, wherever they stand, and lose it on the way out."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from bot.delivery.elsewhere import WORKSPACE, addressed
from bot.delivery.vault import Locked, Vault
from bot.messages.render import Renderer
from bot.messages.values import ChannelLink, Mention
from bot.people.addresses import HOME, address, is_person, slack_id, workspace_of
from handlers.keys import key_of


def test_an_address_is_the_id_and_its_workspace() -> None:
    there = address("T0HELSE001", "U0KARI0001")
    assert (workspace_of(there), slack_id(there), is_person(there)) == ("T0HELSE001", "U0KARI0001", True)
    assert address("T0HELSE001", there) == there, "once is enough"
    assert address(HOME, "C0SAKER001") == "C0SAKER001"
    assert (workspace_of("C0SAKER001"), is_person("C0SAKER001")) == (HOME, False)


def test_every_id_of_a_person_or_a_channel_in_a_payload_gets_its_workspace() -> None:
    body = {
        "type": "block_actions",
        "user": {"id": "U0KARI0001", "team_id": "T0HELSE001", "name": "kari"},
        "channel": {"id": "C0OPEN0001", "name": "U0NAME0001"},
        "container": {"channel_id": "C0OPEN0001", "message_ts": "1.2"},
        "trigger_id": "1.2.3",
        "view": {"state": {"values": {"who": {"a": {"type": "users_select", "selected_user": "U0OLA00001"}}}}},
        "actions": [{"action_id": "x", "action_ts": "9.9", "selected_users": ["U0OLA00001"], "value": "U0VALUE001"}],
    }
    found = addressed(body, "T0HELSE001")
    assert found["user"] == {"id": "T0HELSE001/U0KARI0001", "team_id": "T0HELSE001", "name": "kari"}
    assert found["channel"] == {"id": "T0HELSE001/C0OPEN0001", "name": "U0NAME0001"}
    assert found["container"]["channel_id"] == "T0HELSE001/C0OPEN0001"
    assert found["view"]["state"]["values"]["who"]["a"]["selected_user"] == "T0HELSE001/U0OLA00001"
    assert found["actions"][0]["selected_users"] == ["T0HELSE001/U0OLA00001"]
    assert found["actions"][0]["value"] == "U0VALUE001", "what a button carries is what we put there"
    assert found[WORKSPACE] == "T0HELSE001"
    assert addressed(found, "T0HELSE001") == found, "kept, and read again"
    assert body["channel"]["id"] == "C0OPEN0001", "what came is left as it was"


def test_who_forges_the_mark_is_at_home_all_the_same_and_keys_differ_between_workspaces() -> None:
    event = {
        "type": "event_callback",
        "event_id": "Ev1",
        "event": {"type": "app_mention", "user": "U1", "channel": "C1"},
    }
    assert addressed(event | {WORKSPACE: "T0HELSE001"}, HOME) == event
    assert key_of(event) == "event:Ev1"
    assert key_of(addressed(event, "T0HELSE001")) == "T0HELSE001/event:Ev1"


@pytest.mark.parametrize(
    ("language", "said"),
    [("nb", "et annet arbeidsområde"), ("nn", "eit anna arbeidsområde"), ("en", "another workspace")],
)
def test_nobody_is_called_who_is_somewhere_else(language: str, said: str) -> None:
    for value in (Mention("T0HELSE001/U0KARI0001"), ChannelLink("T0HELSE001/C0OPEN0001")):
        message = Renderer().render("notice.j2", language, said=value)
        assert said in message.text
        assert "U0KARI0001" not in str(message)
        assert "C0OPEN0001" not in str(message)


def test_a_token_is_opened_by_its_own_key_and_by_one_that_follows_it_alone() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    stored = Vault(old).close("xoxb-hemmelig")
    assert "hemmelig" not in stored
    assert Vault(f"{new}, {old}").open(stored) == "xoxb-hemmelig"
    with pytest.raises(Locked):
        Vault(new).open(stored)
    with pytest.raises(Locked):
        Vault(old).open(stored[:-4] + "AAAA")
    for wrong in ("", " , ", "kort", "x" * 44):
        with pytest.raises(ValueError, match="key") as refused:
            Vault(wrong)
        assert "xxxx" not in str(refused.value)
