"""Settings: the environment before the file, empty is unset, and each wrong value is one line that names it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsFault, load_settings

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-hemmelig",
    "SLACK_APP_TOKEN": "xapp-hemmelig",
    "SLACK_SIGNING_SECRET": "hemmelig-signatur",
    "DATABASE_URL": "postgresql://mona:hemmelig@host/db",
}
EVERY_NAME = SECRETS | {
    "SLACK_API_URL": "http://127.0.0.1:1/api",
    "MANGELVAKT_CASES_CHANNEL": "C0CASES001",
    "MANGELVAKT_MEETING_CHANNEL": "C0MEETING1",
    "MANGELVAKT_STOCK_CHANNEL": "G0STOCK001",
    "MANGELVAKT_INFO_CHANNEL": "C0INFO0001",
    "MANGELVAKT_CENTRE_GROUP": "S0CENTRE01",
    "MANGELVAKT_MEETING_GROUP": "S0MEETING1",
    "MANGELVAKT_STOCK_MANAGERS": "U0MONA0001, W0PER00001 ,,",
    "MANGELVAKT_DIGEST_CRON": "30 13 * * 2",
    "MANGELVAKT_COVER_CRON": "0 * * * *",
    "MANGELVAKT_THRESHOLD_DAYS": "30",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty environment, and no file."""
    for name in os.environ:
        if name.startswith(("MANGELVAKT_", "SLACK_", "DATABASE_URL")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def put(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_every_name_of_the_contract_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = put(monkeypatch, EVERY_NAME)
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-hemmelig"
    assert settings.slack_app_token is not None
    assert settings.slack_signing_secret is not None
    assert settings.slack_api_url == "http://127.0.0.1:1/api/"
    assert settings.database == "postgresql://mona:hemmelig@host/db"
    channels = (settings.cases_channel, settings.meeting_channel, settings.stock_channel, settings.info_channel)
    assert channels == ("C0CASES001", "C0MEETING1", "G0STOCK001", "C0INFO0001")
    assert (settings.centre_group, settings.meeting_group) == ("S0CENTRE01", "S0MEETING1")
    assert settings.stock_managers == ["U0MONA0001", "W0PER00001"]
    assert (settings.digest_cron, settings.cover_cron) == ("30 13 * * 2", "0 * * * *")
    assert settings.threshold_days == 30


def test_without_anything_the_standing_values_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    settings = load_settings()
    assert settings.slack_api_url == "https://slack.com/api/"
    assert (settings.digest_cron, settings.update_cron) == ("0 14 * * WED", "0 8 * * THU")
    assert settings.cover_cron == "*/15 * * * *"
    assert settings.threshold_days is None
    assert settings.database.startswith(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("empty", ["", "  "])
def test_empty_means_unset_for_every_name(monkeypatch: pytest.MonkeyPatch, empty: str) -> None:
    nothing = load_settings()
    assert put(monkeypatch, dict.fromkeys(EVERY_NAME, empty)) == nothing


def test_the_environment_goes_before_the_file_and_the_call_before_both(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mangelvakt.toml").write_text(
        'cases_channel = "C0FILE0001"\nmeeting_channel = "C0FILE0002"\nstock_managers = ["U0FILE0001"]\n'
        'stale_after_days = 7\n[roles]\ncentre = ["U0SIRI0001"]\n'
        '[pools.fokuslisten]\nmanagers = ["U0MONA0001"]\nlimit_days = 90\nholdable = "no"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("MANGELVAKT_MEETING_CHANNEL", "C0ENV00002")
    monkeypatch.setenv("MANGELVAKT_CASES_CHANNEL", "")
    settings = load_settings(stale_after_days=21)
    assert settings.cases_channel == "C0FILE0001", "empty in the environment is unset there"
    assert settings.meeting_channel == "C0ENV00002"
    assert settings.stale_after_days == 21
    assert settings.stock_managers == ["U0FILE0001"]
    assert settings.roles.centre == ["U0SIRI0001"]
    assert (settings.pools["fokuslisten"].limit_days, settings.pools["fokuslisten"].holdable) == (90, "no")


def test_the_example_file_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANGELVAKT_CONFIG", str(Path(__file__).parents[2] / "mangelvakt.example.toml"))
    assert load_settings().pools["fokuslisten"].limit_days == 90


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MANGELVAKT_CASES_CHANNEL", "#mangelsaker", "id fra Slack"),
        ("MANGELVAKT_STOCK_CHANNEL", "U0MONA0001", "id fra Slack"),
        ("MANGELVAKT_CENTRE_GROUP", "@mangelsenteret", "id fra Slack"),
        ("MANGELVAKT_STOCK_MANAGERS", "U0MONA0001,mona", "id fra Slack"),
        ("MANGELVAKT_DIGEST_CRON", "0 14 * *", "fem"),
        ("MANGELVAKT_DIGEST_CRON", "0 25 * * WED", "25"),
        ("MANGELVAKT_UPDATE_CRON", "hver torsdag klokken åtte nå", "hver"),
        ("MANGELVAKT_COVER_CRON", "0 0 31 2 *", "aldri"),
        ("MANGELVAKT_THRESHOLD_DAYS", "tretti", "tall"),
        ("MANGELVAKT_THRESHOLD_DAYS", "0", "større enn 0"),
        ("MANGELVAKT_STALE_AFTER_DAYS", "1.5", "helt tall"),
        ("MANGELVAKT_POOLS", "{tull", "pools"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    with pytest.raises(SettingsFault) as wrong:
        put(monkeypatch, {name: value})
    line = str(wrong.value)
    assert len(line.splitlines()) == 1
    assert name in line or name.removeprefix("MANGELVAKT_").lower() in line
    assert says in line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("case_channel = 'C0CASES001'\n", "CASE_CHANNEL"),
        ("[pools.fokuslisten]\nlimit = 90\n", "pools.fokuslisten.limit"),
        ("[pools.fokuslisten]\nholdable = 'kanskje'\n", "pools.fokuslisten.holdable"),
        ("[roles]\nsjef = ['U0SIRI0001']\n", "roles.sjef"),
        ("[roles]\ncentre = ['Siri']\n", "roles.centre.0"),
        ("cases_channel = \n", "kan ikke leses"),
    ],
)
def test_a_fault_in_the_file_is_one_line_that_names_it(content: str, says: str) -> None:
    Path("mangelvakt.toml").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsFault) as wrong:
        load_settings()
    assert says in str(wrong.value)
    assert len(str(wrong.value).splitlines()) == 1


def test_a_file_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsFault, match=r"borte\.toml"):
        put(monkeypatch, {"MANGELVAKT_CONFIG": "borte.toml"})


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = put(monkeypatch, SECRETS)
    for shown in (repr(settings), str(settings), f"{settings.model_dump()}", settings.model_dump_json()):
        assert "hemmelig" not in shown


def test_a_secret_in_the_wrong_place_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsFault) as wrong:
        put(monkeypatch, {"MANGELVAKT_CASES_CHANNEL": "xoxb-hemmelig", "MANGELVAKT_THRESHOLD_DAYS": "xapp-hemmelig"})
    assert "hemmelig" not in str(wrong.value)
