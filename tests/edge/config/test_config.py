"""Settings: read from TOML, every mistake named at once, and the default file documents every key."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.alarms.settings import AlarmSettings
from ecg.errors import ExitCode, InputError
from edge.config import (
    HostSettings,
    MqttSettings,
    ReplaySettings,
    Settings,
    SimulatorSettings,
    SourceSettings,
    load,
    parse,
    render,
)
from edge.config.fields import sections_and_fields
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from pathlib import Path


def mistakes(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse(text, name="edge.toml")
    summary, *lines = str(caught.value).splitlines()
    assert summary.startswith("edge.toml: ")
    assert caught.value.exit_code is ExitCode.USAGE
    return [line.strip() for line in lines]


def test_an_empty_file_gives_the_defaults() -> None:
    assert parse("", name="edge.toml") == Settings()


def test_a_whole_number_may_stand_for_a_float() -> None:
    assert parse("[rhythm]\npause_s = 3", name="edge.toml").rhythm.pause_s == 3.0


def test_three_mistakes_are_reported_together_with_their_keys() -> None:
    lines = mistakes('[mqtt]\nprot = 1883\nkeepalive_s = 2\n[source.simulator]\nheart_rate_bpm = "fast"')
    assert lines == [
        "mqtt.prot: unknown key; did you mean mqtt.port? (line 2)",
        "mqtt.keepalive_s: expected a whole number from 5 to 3600, got 2; for example keepalive_s = 30 (line 3)",
        (
            'source.simulator.heart_rate_bpm: expected a number from 20 to 250, got "fast"; '
            "for example heart_rate_bpm = 72.0 (line 5)"
        ),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[devices]\nid = 'a'", "devices: unknown key; did you mean device? (line 1)"),
        ("[mqtt]\nscenario = 'demo'", "mqtt.scenario: unknown key; did you mean source.simulator.scenario? (line 2)"),
        ("[source]\nreplay = 3", "source.replay: expected a section [source.replay], got 3 (line 2)"),
        (
            "[source]\nkind = 'ads'",
            (
                'source.kind: expected "replay" or "simulator" or "ads1292" or "ad8232", got "ads"; '
                'for example kind = "simulator" (line 2)'
            ),
        ),
        ("[rhythm]\nasystole_s = inf", "rhythm.asystole_s: expected a finite number, got inf (line 2)"),
        (
            "[rhythm]\nasystole_s = 1e9",
            (
                "rhythm.asystole_s: expected a number over 0, at most 15, got 1000000000.0; "
                "for example asystole_s = 4.0 (line 2)"
            ),
        ),
        (
            "[storage]\noutbox_max_mb = 0.001",
            "storage.outbox_max_mb: expected a number from 1 up, got 0.001; for example outbox_max_mb = 64.0 (line 2)",
        ),
        (
            "[host]\nhold_s = 1e6",
            "host.hold_s: expected a number over 0, at most 600, got 1000000.0; for example hold_s = 5.0 (line 2)",
        ),
        (
            "[alarms]\nescalate_min = 1e5",
            (
                "alarms.escalate_min: expected a number over 0, at most 60, got 100000.0; "
                "for example escalate_min = 2.0 (line 2)"
            ),
        ),
        ("[mqtt]\ntls = 1", "mqtt.tls: expected true or false, got 1; for example tls = false (line 2)"),
        ("[source]\nkind = 'replay'", 'source.replay.record: required because source.kind is "replay"'),
        (
            "[rhythm]\nbradycardia_bpm = 120",
            "rhythm.bradycardia_bpm: must be below rhythm.tachycardia_bpm (found 120.0 and 110.0) (line 2)",
        ),
    ],
)
def test_a_mistake_is_named_with_its_key_and_what_to_do(text: str, line: str) -> None:
    assert mistakes(text) == [line]


@pytest.mark.parametrize("section", [RhythmSettings, AlarmSettings, HostSettings])
def test_no_threshold_is_so_large_that_its_alarm_cannot_come(section: type) -> None:
    _, fields = sections_and_fields(section)
    assert all(field.setting.at_most is not None for field in fields.values())


@pytest.mark.parametrize("device", ["a/#", "a\\n", "", "a" * 65])
def test_an_id_that_would_break_a_topic_is_refused(device: str) -> None:
    (line,) = mistakes(f'[device]\nid = "{device}"')
    assert line.startswith("device.id: ")


def test_an_unknown_key_without_a_near_one_lists_the_keys_of_its_section() -> None:
    (line,) = mistakes("[model]\nxyzzy = 1")
    assert line == "model.xyzzy: unknown key; [model] takes path, store, trusted_keys (line 2)"


def test_a_text_of_a_certain_form_is_told_with_that_form() -> None:
    (line,) = mistakes('# who\n[device]\nid = "Jo Do"')
    assert "64 letters, digits, - and _" in line
    assert line.endswith('got "Jo Do"; for example id = "ecg-edge" (line 3)')


def test_a_key_in_an_inline_table_has_no_line() -> None:
    (line,) = mistakes("mqtt = {port = 0}")
    assert line == "mqtt.port: expected a whole number from 1 to 65535, got 0; for example port = 1883"


def test_a_broker_on_another_machine_needs_tls() -> None:
    (line,) = mistakes('[mqtt]\nhost = "broker.example"')
    assert line.startswith("mqtt.tls: must be true because the broker broker.example")
    assert parse('[mqtt]\nhost = "broker.example"\ntls = true', name="edge.toml").mqtt.tls


@pytest.mark.parametrize("host", ["127.evil.example.org", "127.0.0.1.nip.io", "localhost.evil.org", "128.0.0.1", "::2"])
def test_no_name_of_another_machine_passes_for_this_one(host: str) -> None:
    (line,) = mistakes(f'[mqtt]\nhost = "{host}"')
    assert line.startswith("mqtt.tls: must be true")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_a_broker_on_this_machine_needs_no_tls(host: str) -> None:
    assert parse(f'[mqtt]\nhost = "{host}"', name="edge.toml").mqtt.host == host


def test_broken_toml_names_the_line() -> None:
    with pytest.raises(InputError, match="line 2"):
        parse("[mqtt]\nport 1883", name="edge.toml")


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="config default"):
        load(tmp_path / "none.toml")


def test_a_file_that_is_not_text_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        load(path)


def test_the_default_file_reads_back_to_the_defaults_and_explains_every_key() -> None:
    text = render(Settings())
    assert parse(text, name="default") == Settings()
    lines = text.splitlines()
    for before, line in itertools.pairwise(lines):
        if "=" in line and not line.startswith("#"):
            assert before.startswith("# "), line


@given(
    record=st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    speed=st.floats(0, 1e6),
    port=st.integers(1, 65535),
    seed=st.integers(0, 10**9),
)
def test_any_settings_are_read_back_as_written(record: str, speed: float, port: int, seed: int) -> None:
    settings = Settings(
        source=SourceSettings(
            replay=ReplaySettings(record=record, speed=speed, loop=True), simulator=SimulatorSettings(seed=seed)
        ),
        mqtt=MqttSettings(port=port, tls=True),
    )
    assert parse(render(settings, comments=False), name="shown") == settings


LINES = render(Settings(), comments=False).splitlines()
KEYS = [line.split(" = ")[0] for line in LINES if " = " in line]
SECTIONS = [line for line in LINES if line.startswith("[")]
VALUES = ["0", "-1", "1e308", "9223372036854775807", "nan", "inf", '""', '"\\u0000"', "[]", "{}", "true", "1.5"]


def random_document(source: random.Random) -> str:
    """Give TOML in which some keys are ours, some nearly, and values are of any kind and size."""
    lines = []
    for _ in range(source.randrange(1, 6)):
        lines.append(source.choice(SECTIONS))
        for key in source.sample(KEYS, source.randrange(4)):
            name = key if source.random() < 0.8 else key[:-1] + source.choice("aeu")
            lines.append(f"{name} = {source.choice(VALUES)}")
    text = "\n".join(lines)
    if source.random() < 0.1:
        place = source.randrange(len(text))
        text = text[:place] + source.choice(['"', "=", "\n", "\x00", "é"]) + text[place:]
    return text


def test_any_settings_file_is_read_or_refused_line_by_line() -> None:
    source = random.Random(23)
    read, complaints = 0, []
    for _ in range(500):
        try:
            settings = parse(random_document(source), name="edge.toml")
        except InputError as error:
            complaints.append(str(error))
        else:
            read += 1
            assert parse(render(settings), name="again") == settings
    assert read > 10
    assert all(complaint.startswith("edge.toml: ") and "`" not in complaint for complaint in complaints)
