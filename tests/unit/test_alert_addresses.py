"""Addresses of alerts: refused with what to write, filled in from the environment, and shown nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.alerts.sending import Message, addresses_of_home, send_to_all
from flows.cli import main
from sources.settings import load_settings
from tests.support.webhook import SECRET, running_webhook
from warehouse.errors import SettingsError
from warehouse.settings import Settings
from warehouse.settings.addresses import address_fault, hide_secrets

EXPECTED = "an address in Apprise's form such as mailto://, slack://, jsons://, or ${NAME} of the environment"
FORMS = "https://appriseit.com/services has the form of each service"


def refusal(home: Path, value: str) -> str:
    (home / "breadthwise.toml").write_text(f"alerts = {value}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(home)
    return str(caught.value).removeprefix(f"{home / 'breadthwise.toml'}: line 1: ")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (f'["jsn://host/{SECRET}"]', f"alerts[0] is no address that Apprise takes; {FORMS}"),
        (
            f'["json://host/x", "slack://{SECRET}/x"]',
            f"alerts[1] is no address that Apprise takes: An invalid Slack (third) Token (None) was specified; {FORMS}",
        ),
        (
            f'["https://example.org/{SECRET}"]',
            "alerts[0] is a web address of no service that Apprise knows; write json://HOST/PATH, or jsons:// for https, for a "
            "webhook",
        ),
        (
            f'["{SECRET}@example.org"]',
            f"alerts[0] (not shown); expected {EXPECTED}",
        ),
        (
            f'"json://host/{SECRET}"',
            f"alerts (not shown); expected a list, each item {EXPECTED}",
        ),
        (
            f'[["{SECRET}"]]',
            f"alerts[0] (not shown); expected {EXPECTED}",
        ),
    ],
)
def test_a_bad_address_is_refused_without_its_secret(
    tmp_path: Path, value: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(tmp_path, value) == message
    shown = capsys.readouterr()
    assert shown.out + shown.err == ""


def test_an_event_that_there_is_not_is_refused(tmp_path: Path) -> None:
    (tmp_path / "breadthwise.toml").write_text('alert_on = ["gap"]\n')
    with pytest.raises(
        SettingsError, match='alert_on\\[0\\] = "gap"; expected one of failed, gaps, suspect, restated, missed'
    ):
        load_settings(tmp_path)


def test_a_secret_comes_from_the_environment_of_whoever_sends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_webhook() as hook:
        listed = ["${HOOK}", f"json://127.0.0.1:{hook.port}/${{PART}}", "${ABSENT}"]
        (tmp_path / "breadthwise.toml").write_text(f"alerts = {listed}\n".replace("'", '"'))
        for name in ("HOOK", "PART", "ABSENT"):
            monkeypatch.delenv(name, raising=False)
        # a command of somebody who has not the variables, such as status, goes on
        assert load_settings(tmp_path).alerts == listed
        monkeypatch.setenv("HOOK", f"ntfyy://{SECRET}")
        with pytest.raises(SettingsError, match=r"alerts\[0\] is no address that Apprise takes"):
            load_settings(tmp_path)
        monkeypatch.setenv("HOOK", SECRET)
        assert address_fault("${HOOK}").startswith("has no scheme; write it in Apprise's form, such as mailto://")
        monkeypatch.setenv("HOOK", hook.address)
        monkeypatch.setenv("PART", SECRET)
        addresses = addresses_of_home(tmp_path)
        assert [one.name for one in addresses] == [
            "alerts[0] (of the environment)",
            "alerts[1] (json)",
            "alerts[2] (of the environment)",
        ]
        reasons = send_to_all([(one, Message("s", "b", "info")) for one in addresses])
        assert [reasons[one.digest] for one in addresses] == [
            "",
            "",
            "ABSENT is not set in the environment of this process",
        ]
        assert hook.subjects == ["s", "s"]


def test_what_apprise_says_loses_every_part_of_the_address() -> None:
    address = "mailtos://ops:pass%20word@mail.example.org?smtp=relay.example.org&to=Someone@example.org"
    said = "ops: pass word refused by relay.example.org\n for Someone at mail.example.org"
    assert hide_secrets(said, address) == "ops: *** *** refused by *** for *** at ***"


def test_config_and_the_record_of_a_build_have_no_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "breadthwise.toml").write_text(f'alerts = ["json://host/{SECRET}", "${{HOOK}}"]\n')
    for form in ("text", "json"):
        assert main(["--home", str(tmp_path), "config", "--format", form]) == 0
        shown = capsys.readouterr().out
        assert SECRET not in shown
        assert "json://***" in shown
    settings: Any = load_settings(tmp_path)
    assert "alerts" not in settings.shown_settings()
    assert SECRET not in repr(settings)
    assert settings.build_digest == Settings().build_digest
