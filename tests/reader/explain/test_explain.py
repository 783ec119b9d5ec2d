"""An explanation names the waves that a model answers by, and says when it does not hold."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.classify.preparation import prepare
from reader.explain.attribution import lime, occlusion, shapley
from reader.explain.checks import areas, ask_at_random, rank_correlation
from reader.explain.explain import explain
from reader.explain.explanation import Place
from reader.explain.perturbation import WAVES, Perturbation, wave_of_samples
from reader.explain.words import told_by
from reader.measure import measure
from reader.measure.measurements import BeatWaves, Wave
from reader.page.texts import texts
from reader.page.words import for_clinician
from reader.reading import Reading
from reader.twelve_leads import LEADS, TwelveLeads
from tests.support.ecg_files import normal_steps, write_csv
from tests.support.twelve_leads import RATE_HZ, noise, normal_samples_mv

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.samples import FloatArray

PARTS = 12
SLOPES = np.array([3.0, -1.0, 0.5, 0, 0, 2.0, 0, 0.2, 0, 0, -0.3, 0])


def linear(kept: NDArray[np.bool_]) -> FloatArray:
    """Log odds of two labels, each a sum over parts."""
    return np.array([SLOPES @ kept, -SLOPES @ kept])


def with_pair(kept: NDArray[np.bool_]) -> FloatArray:
    """Two parts tell the same: each alone is enough."""
    return np.array([4.0 * (kept[0] or kept[1]) + SLOPES[2:] @ kept[2:]])


def ecg() -> TwelveLeads:
    samples_mv = normal_samples_mv() + noise((12, 10 * RATE_HZ))
    return TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(RATE_HZ), recorded=LEADS)


@pytest.fixture(name="beats", scope="module")
def beats_fixture() -> dict[str, tuple[BeatWaves, ...]]:
    return dict(measure(ecg()).beats)


@pytest.mark.parametrize("method", [occlusion, shapley])
def test_of_what_only_adds_up_each_part_has_its_own_share(method: object) -> None:
    found = method(linear, PARTS)  # type: ignore[operator]
    assert found == pytest.approx(np.column_stack([SLOPES, -SLOPES]), abs=1e-9)


def test_lime_finds_the_slopes_up_to_its_ridge() -> None:
    assert lime(linear, PARTS)[:, 0] == pytest.approx(SLOPES, abs=0.2)


def test_shapley_values_share_what_two_parts_tell_alike_and_occlusion_gives_it_to_neither() -> None:
    shared = shapley(with_pair, PARTS)[:, 0]
    assert shared[:2] == pytest.approx(2.0, abs=0.2)
    assert shared.sum() == pytest.approx(4.0 + SLOPES[2:].sum())
    assert occlusion(with_pair, PARTS)[:2, 0] == pytest.approx(0.0)


def test_the_right_order_is_ahead_of_random_ones_and_the_wrong_one_behind() -> None:
    at_random = ask_at_random(linear, PARTS)
    order = np.argsort(-SLOPES)
    for ahead, each in ((True, order), (False, order[::-1])):
        deletion, insertion = areas(linear, each.tolist())
        assert bool(deletion[0] < at_random.deletion[0]) is ahead
        assert bool(insertion[0] > at_random.insertion[0]) is ahead


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=30))
def test_rank_correlation_is_1_with_itself_and_minus_1_upside_down(values: list[float]) -> None:
    ordered = np.array(sorted(set(values)))
    if len(ordered) > 1:
        assert rank_correlation(ordered, ordered) == pytest.approx(1.0)
        assert rank_correlation(ordered, -ordered) == pytest.approx(-1.0)
    assert rank_correlation(np.ones(len(values)), np.array(values)) == 0.0


def test_waves_stand_where_they_were_measured() -> None:
    beat = BeatWaves(
        p=Wave(onset_ms=1000, end_ms=1100), qrs=Wave(onset_ms=1160, end_ms=1250), t=Wave(onset_ms=1350, end_ms=1500)
    )
    wave = wave_of_samples([beat], 10.0)
    spans = [(name, np.flatnonzero(wave == number)[[0, -1]].tolist()) for number, name in enumerate(WAVES)]
    assert spans == [("P", [100, 109]), ("PR", [110, 115]), ("QRS", [116, 124]), ("ST", [125, 134]), ("T", [135, 149])]


def test_an_ecg_with_all_its_parts_is_itself_and_one_without_a_wave_differs_there_alone(
    beats: dict[str, tuple[BeatWaves, ...]],
) -> None:
    prepared = prepare(ecg().samples_mv, RATE_HZ, is_calibrated=True)
    wave = wave_of_samples(beats["II"], prepared.duration_s)
    perturbation = Perturbation(prepared, wave, LEADS)
    leads, heights = perturbation.keeping(np.ones(len(perturbation.parts), dtype=bool))
    np.testing.assert_array_equal(leads, prepared.leads)
    np.testing.assert_allclose(heights, prepared.heights, atol=1e-3)
    part = perturbation.parts.index(("V2", "QRS"))
    leads, heights = perturbation.keeping(np.arange(len(perturbation.parts)) != part)
    changed = np.argwhere(leads != prepared.leads)
    assert set(changed[:, 1].tolist()) == {LEADS.index("V2")}
    assert set(wave[changed[:, 0]].tolist()) == {WAVES.index("QRS")}
    assert not np.allclose(heights, prepared.heights, atol=1e-2)  # V2 is lower without its QRS complexes


def test_places_are_told_by_wave_and_lead() -> None:
    def places(*named: tuple[str, str, float]) -> list[Place]:
        return [Place(wave=wave, lead=lead, weight=weight) for wave, lead, weight in named]

    assert told_by(
        places(("ST", "V3", 3), ("ST", "V2", 2), ("ST", "V4", 2), ("T", "I", 2), ("P", "II", 2), ("P", "I", 2))
    ) == ("ST in V2 to V4")
    assert told_by(places(("QRS", "III", 3), ("ST", "aVF", 2), ("QRS", "II", 2))) == "QRS in III; ST in aVF"
    assert told_by(places(("T", "V1", -1.0))) == ""


def test_every_wave_of_every_lead_is_weighed_and_shares_add_up(beats: dict[str, tuple[BeatWaves, ...]]) -> None:
    (explained,) = explain(ecg(), beats, ["NORM"])
    explanation = explained.explanation
    assert {(place.lead, place.wave) for place in explanation.places} == {
        (lead, wave) for lead in LEADS for wave in WAVES
    }
    assert sum(explanation.leads.values()) == pytest.approx(1.0, abs=0.01)
    assert explained.heat.shape == (12, 1000)
    assert np.abs(explained.heat).max() == pytest.approx(1.0)


def test_without_waves_or_findings_there_is_no_explanation(beats: dict[str, tuple[BeatWaves, ...]]) -> None:
    assert explain(ecg(), {}, ["MI"]) == []
    assert explain(ecg(), {"II": ()}, ["MI"]) == []
    assert explain(ecg(), beats, []) == []


def test_one_lead_is_explained_by_its_own_waves(beats: dict[str, tuple[BeatWaves, ...]]) -> None:
    only = np.full((12, 10 * RATE_HZ), np.nan)
    only[1] = ecg().lead_mv("II")
    one = TwelveLeads(samples_mv=only, rate_hz=Fraction(RATE_HZ), recorded=("II",))
    (explained,) = explain(one, {"II": beats["II"]}, ["NORM"])
    assert set(explained.explanation.leads) == {"II"}


def test_an_explanation_that_fails_its_check_is_shown_as_unreliable(beats: dict[str, tuple[BeatWaves, ...]]) -> None:
    (explained,) = explain(ecg(), beats, ["MI"])
    failed = msgspec.structs.replace(explained.explanation, unreliable="another method names other waves")
    said = for_clinician(Reading(file="r", leads=LEADS, explanations=(failed,)), None, texts("en")).why
    assert said == ("Myocardial infarction: no explanation held (another method names other waves).",)


def test_the_command_explains_by_each_method(tmp_path: Path) -> None:
    steps = normal_steps()
    steps[6:10] -= np.rint(0.6 * np.abs(steps[6:10])).astype(np.int64)  # no R waves in the chest leads
    path = write_csv(tmp_path, steps)
    command = [sys.executable, "-m", "reader.cli", "explain", str(path), "--json", "--method"]
    for method in ("occlusion", "lime", "grad-cam"):
        done = subprocess.run([*command, method], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        (reading,) = json.loads(done.stdout)
        likely = {name for name, value in reading["superclasses"].items() if value >= 0.5 and name != "NORM"}
        explained = {each["finding"] for each in reading["explanations"]}
        assert explained == (set() if reading["abstained"] else likely)
        assert all(each["method"] == method for each in reading["explanations"])
