"""The files for running it say what they mean, read as text: no container is built here, and the page says so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from bot.settings import Settings
from tests.faults.nursery import AS_DEPLOYED

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
UNIT = (ROOT / "deploy" / "mangelvakt.service").read_text(encoding="utf-8")
SERVICE = [line.partition("=")[::2] for line in UNIT.splitlines() if "=" in line and not line.startswith("#")]
KNOWN = {field.alias or f"MANGELVAKT_{name.upper()}" for name, field in Settings.model_fields.items()}


def test_every_setting_that_is_named_is_one_that_the_bot_reads() -> None:
    for text in (DOCKERFILE, UNIT, json.dumps(COMPOSE)):
        named = set(re.findall(r"\b(?:MANGELVAKT|SLACK|DATABASE)_[A-Z_]+\b", text))
        assert named
        assert named <= KNOWN


def test_the_image_has_two_stages_runs_as_nobody_and_asks_whether_it_is_ready() -> None:
    final = DOCKERFILE.split("FROM ")[-1]
    assert DOCKERFILE.count("FROM ") == 2
    assert re.search(r"(?m)^USER \d+$", final)
    assert "pip" not in final, "what builds stays in the first stage"
    check = re.search(r"HEALTHCHECK.*\n\s+CMD (\[.*\])", final)
    assert check is not None
    program, flag, code = json.loads(check.group(1))
    assert (program, flag) == ("python", "-c")
    compile(code, "healthcheck", "exec")
    assert "/ready" in code
    assert "MANGELVAKT_HEALTH_PORT=8080" in final
    assert "libpangoft2" in final


def test_the_image_and_the_unit_set_what_load_and_faults_are_measured_with() -> None:
    final = DOCKERFILE.split("FROM ")[-1]
    for name, value in AS_DEPLOYED.items():
        assert f" {name}={value} " in final
        assert ("Environment", f"{name}={value}") in SERVICE


def test_everything_that_is_copied_into_the_image_is_there_and_everything_in_the_wheel_is_copied() -> None:
    copied = {word for line in re.findall(r"(?m)^COPY (?!--from)(.*)$", DOCKERFILE) for word in line.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    assert {"bot", "handlers", "storage", "templates", "workspace"} <= copied
    ignore = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignore[0] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == copied


def test_two_replicas_share_one_base_that_nobody_outside_reaches() -> None:
    bot, base = COMPOSE["services"]["bot"], COMPOSE["services"]["base"]
    assert bot["deploy"]["replicas"] == 2
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["depends_on"]["base"]["condition"] == "service_healthy"
    assert bot["environment"]["DATABASE_URL"].endswith("@base/mangelvakt")
    assert "ports" not in bot
    assert "ports" not in base
    assert base["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert (ROOT / "deploy" / bot["build"]["context"] / bot["build"]["dockerfile"]).is_file()
    assert set(COMPOSE["volumes"]) == {volume.partition(":")[0] for volume in base["volumes"]}


def test_no_secret_stands_in_a_file() -> None:
    for name, value in COMPOSE["services"]["bot"]["environment"].items():
        assert "${" in value, name
    assert not re.search(r"xox[a-z]-|xapp-", DOCKERFILE + UNIT + json.dumps(COMPOSE))


def test_the_unit_is_hardened_and_leaves_the_time_that_a_stop_takes() -> None:
    said = dict(SERVICE)
    for name in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "ProtectHome", "RestrictNamespaces"):
        assert said[name] == "yes", name
    assert said["ProtectSystem"] == "strict"
    assert said["CapabilityBoundingSet"] == ""
    assert int(said["TimeoutStopSec"]) > 10, "a stop is over in ten seconds"
    assert said["ExecStart"].endswith("mangelvakt run")
    base = next(value for name, value in SERVICE if value.startswith("DATABASE_URL="))
    assert base.startswith(f"DATABASE_URL=sqlite:////var/lib/{said['StateDirectory']}/")
