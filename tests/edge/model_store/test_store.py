"""The model store: whatever fails, a starting monitor has a model, the old or the new one."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecg.errors import CheckFailedError, InputError
from ecg.model_file.container import pack
from ecg.model_file.golden import Golden
from edge.config import ModelSettings
from edge.inference import read
from edge.model_store import SHIPPED, ModelStore, load_selected
from edge.model_store.selection import boot_clock_s
from tests.support.crashing_model import write_crashing_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def chosen_by(tmp_path: Path) -> ModelSettings:
    return ModelSettings(store=str(tmp_path / "models"), trusted_keys=str(tmp_path / "keys"))


@pytest.fixture
def store(chosen_by: ModelSettings) -> ModelStore:
    return ModelStore.of(chosen_by)


@pytest.fixture
def another(shipped_model: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Give a function that writes the shipped model under another version."""

    def write(version: str) -> Path:
        model = read(shipped_model)
        path = tmp_path / f"{version}.tflite"
        card = msgspec.structs.replace(model.card, version=version)
        path.write_bytes(pack(model.flatbuffer, card, model.golden))
        return path

    return write


def use(store: ModelStore, path: Path) -> str:
    with store.locked():
        name = store.add(path)
        store.choose(name)
    return name


def test_without_a_store_the_shipped_model_is_used(chosen_by: ModelSettings, store: ModelStore) -> None:
    chosen = load_selected(chosen_by)
    assert (chosen.name, chosen.fault, chosen.trial_left_s) == (SHIPPED, None, None)
    assert not store.directory.exists()  # looking changes nothing


def test_models_are_named_after_their_card_and_the_previous_one_is_known(
    chosen_by: ModelSettings, store: ModelStore, another: Any
) -> None:
    first = use(store, another("1.1.0"))
    second = use(store, another("1.2.0"))
    assert first.startswith("resecanet-aami5_1.1.0_")
    assert load_selected(chosen_by).name == second
    assert store.selection().previous == first
    assert use(store, another("1.2.0")) == second
    assert store.selection().previous == first  # the same again is no new model
    with store.locked():
        assert store.roll_back() == first
    assert load_selected(chosen_by).name == first
    with store.locked(), pytest.raises(InputError, match="no previous model"):
        store.roll_back()


def test_a_name_with_a_path_stays_in_the_store(store: ModelStore, shipped_model: Path, tmp_path: Path) -> None:
    model = read(shipped_model)
    path = tmp_path / "far.tflite"
    card = msgspec.structs.replace(model.card, name="../../etc/passwd", version="../1 0")
    path.write_bytes(pack(model.flatbuffer, card, model.golden))
    name = use(store, path)
    assert "/" not in name
    assert store.path(name).parent == store.directory
    assert store.read(name).card.version == "../1 0"


def test_the_beginning_of_a_name_is_enough(store: ModelStore, another: Any) -> None:
    name = use(store, another("1.1.0"))
    assert store.find("resecanet-aami5_1.1") == name
    assert store.find(SHIPPED) == SHIPPED
    use(store, another("1.2.0"))
    with pytest.raises(InputError, match="several models begin with resecanet"):
        store.find("resecanet")
    with pytest.raises(InputError, match="there is no model mobilenet"):
        store.find("mobilenet")


def test_a_refused_model_is_replaced_by_the_previous_one_then_by_the_shipped_one(
    chosen_by: ModelSettings, store: ModelStore, another: Any
) -> None:
    first = use(store, another("1.1.0"))
    second = use(store, another("1.2.0"))
    store.path(second).unlink()
    chosen = load_selected(chosen_by)
    assert chosen.name == first
    assert chosen.fault is not None
    assert second in chosen.fault
    store.path(first).write_bytes(b"")
    chosen = load_selected(chosen_by)
    assert chosen.name == SHIPPED
    assert chosen.fault is not None
    assert second in chosen.fault  # still the one that was asked for


def test_a_file_with_the_content_of_another_is_refused(store: ModelStore, another: Any) -> None:
    first = use(store, another("1.1.0"))
    second = use(store, another("1.2.0"))
    store.path(first).write_bytes(store.path(second).read_bytes())
    with pytest.raises(InputError, match=f"its content is that of {second}"):
        store.read(first)


def test_a_refused_file_of_the_settings_does_not_stop_the_monitor(tmp_path: Path) -> None:
    chosen = load_selected(ModelSettings(path=str(tmp_path / "absent.tflite"), store=str(tmp_path / "models")))
    assert chosen.name == SHIPPED
    assert chosen.fault is not None
    assert "absent.tflite" in chosen.fault


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.sampled_from([b"{}", b"[]", b'{"current": 1}', b'{"current": "x"}']))
def test_a_monitor_starts_with_any_selection_file(content: bytes, chosen_by: ModelSettings, store: ModelStore) -> None:
    store.directory.mkdir(exist_ok=True)
    (store.directory / "selection.json").write_bytes(content)
    assert load_selected(chosen_by).name == SHIPPED


def test_a_damaged_selection_is_a_fault_and_the_next_switch_repairs_it(
    chosen_by: ModelSettings, store: ModelStore, another: Any
) -> None:
    use(store, another("1.1.0"))
    (store.directory / "selection.json").write_bytes(b"\0" * 100)
    fault = load_selected(chosen_by).fault
    assert fault is not None
    assert "is damaged" in fault
    name = use(store, another("1.1.0"))
    assert load_selected(chosen_by).name == name


def test_a_damaged_key_does_not_turn_signatures_off(
    chosen_by: ModelSettings, store: ModelStore, another: Any, tmp_path: Path
) -> None:
    pytest.importorskip("cryptography")
    use(store, another("1.1.0"))
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "clinic.pub").write_bytes(b"\0")
    chosen = load_selected(chosen_by)
    assert chosen.name == SHIPPED
    assert "clinic.pub" in (chosen.fault or "")


def test_a_trial_ends_by_itself_and_with_the_machine(chosen_by: ModelSettings, store: ModelStore, another: Any) -> None:
    old = use(store, another("1.1.0"))
    with store.locked():
        new = store.add(another("1.2.0"))
        store.begin_trial(new, 60.0)
    chosen = load_selected(chosen_by)
    assert chosen.name == new
    assert chosen.trial_left_s is not None
    assert 0 < chosen.trial_left_s <= 60
    path = store.directory / "selection.json"
    whole = json.loads(path.read_bytes())
    for from_s, until_s in ((-60.0, -1.0), (1000.0, 1060.0)):  # it was over; the clock has begun anew
        trial = {"from_s": boot_clock_s() + from_s, "until_s": boot_clock_s() + until_s}
        path.write_text(json.dumps(whole | {"trial": whole["trial"] | trial}))
        chosen = load_selected(chosen_by)
        assert (chosen.name, chosen.fault, chosen.trial_left_s) == (old, None, None)
    path.write_text(json.dumps(whole | {"trial": whole["trial"] | trial, "current": "gone.tflite", "previous": new}))
    chosen = load_selected(chosen_by)
    assert (chosen.name, chosen.trial_left_s) == (new, None)  # in place of another, and for good


def test_a_trial_is_confirmed_or_ended(store: ModelStore, another: Any) -> None:
    old = use(store, another("1.1.0"))
    with store.locked():
        new = store.add(another("1.2.0"))
        store.begin_trial(new, 60.0)
        store.end_trial()
        assert store.selection().order == [old, SHIPPED]
        store.begin_trial(new, 60.0)
        store.choose(new)
    assert store.selection().order == [new, old, SHIPPED]
    assert store.selection().trial is None


def test_a_model_with_other_outputs_for_its_golden_beats_is_refused(
    store: ModelStore, shipped_model: Path, tmp_path: Path
) -> None:
    model = read(shipped_model)
    path = tmp_path / "wrong.tflite"
    path.write_bytes(pack(model.flatbuffer, model.card, Golden(model.golden.inputs, model.golden.outputs[:, ::-1])))
    with store.locked(), pytest.raises(InputError, match="golden beat 1"):
        store.add(path)
    assert store.names() == []


def test_a_failed_write_leaves_the_old_model(
    chosen_by: ModelSettings, store: ModelStore, another: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = use(store, another("1.1.0"))
    new = another("1.2.0")
    real = os.pwrite
    for fails_at in range(3):  # the model's file, then the selection
        writes = iter(range(100))

        def no_room(descriptor: int, content: bytes, offset: int, *, at: int = fails_at, count: Any = writes) -> int:
            if next(count) == at:
                raise OSError(28, "No space left on device")
            return real(descriptor, content, offset)

        monkeypatch.setattr(os, "pwrite", no_room)
        if fails_at < 2:
            with pytest.raises(OSError, match="No space"):
                use(store, new)
            assert load_selected(chosen_by).name == old
        else:
            name = use(store, new)
            assert load_selected(chosen_by).name == name
        assert not list(store.directory.glob("*.part"))


def test_two_changes_at_once_do_not_collide(store: ModelStore, another: Any) -> None:
    use(store, another("1.1.0"))
    with (
        store.locked(),
        pytest.raises(CheckFailedError, match="another change of the models"),
        ModelStore(store.directory, store.directory).locked(),
    ):
        pass


def test_the_next_change_deletes_files_that_a_power_cut_left_unfinished(store: ModelStore, another: Any) -> None:
    use(store, another("1.1.0"))
    (store.directory / "x.tflite.part").write_bytes(b"half")
    use(store, another("1.2.0"))
    assert not list(store.directory.glob("*.part"))


def test_the_service_can_read_what_root_writes(store: ModelStore, another: Any) -> None:
    before = os.umask(0o077)
    try:
        name = use(store, another("1.1.0"))
    finally:
        os.umask(before)
    assert store.path(name).stat().st_mode & 0o777 == 0o644
    assert store.directory.stat().st_mode & 0o777 == 0o755
    assert (store.directory / "selection.json").stat().st_mode & 0o777 == 0o644


def test_a_model_that_crashes_the_runtime_does_not_stop_the_monitor(tmp_path: Path, shipped_model: Path) -> None:
    crashing = tmp_path / "crashing.tflite"
    write_crashing_model(shipped_model, crashing)
    loaded = load_selected(ModelSettings(path=str(crashing), store=str(tmp_path / "models")))
    assert loaded.name == SHIPPED
    assert loaded.fault is not None
    assert "it crashes the model runtime (SIGSEGV)" in loaded.fault
