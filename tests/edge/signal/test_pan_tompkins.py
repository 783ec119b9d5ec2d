"""Pan-Tompkins decides as its docstring says."""

from __future__ import annotations

import dataclasses

import numpy as np

from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES, SAMPLE_RATE_HZ
from edge.signal.beat_morphology import BeatMorphology
from edge.signal.candidates import CANDIDATE_DELAY, Candidate
from edge.signal.pan_tompkins import PanTompkins

WINDOWS_MV = np.stack([np.exp(-(((np.arange(BEAT_SAMPLES) - BEAT_BEFORE) / width) ** 2)) for width in (5, 30)])
"""Beats of the two shapes that candidates have here."""


def candidate(index: int, height: float = 500.0, steepness: float = 300.0, extent: float | None = None) -> Candidate:
    """One whose shape is not known; as narrow as a QRS complex is, unless `extent` says otherwise."""
    extent = 2 * steepness if extent is None else extent
    return Candidate(index, index + CANDIDATE_DELAY, energy=height, height=height, steepness=steepness, extent=extent)


def detect(candidates: list[Candidate], until: int, *, step: int = 36, start: int = 0) -> list[tuple[int, int]]:
    """(index of the R peak, index of the moment at which it was told) of every detection."""
    morphology = BeatMorphology()
    detector = PanTompkins(morphology)
    detector.restart(start)
    found = []
    for now in range(start + step, until + 1, step):
        known = [c for c in candidates if now - step < c.known_at <= now]
        for c in detector.advance(known, now):
            found.append((c.index, now))
            if c.shape is not None:
                morphology.add(morphology.measure(c.shape @ WINDOWS_MV, None, c.shape), c.index / SAMPLE_RATE_HZ)
    return found


def beats(first: int, count: int, rr: int = 300, height: float = 500.0) -> list[Candidate]:
    return [candidate(first + i * rr, height) for i in range(count)]


def indices(found: list[tuple[int, int]]) -> list[int]:
    return [index for index, _ in found]


def test_beats_of_the_learning_time_are_told_when_it_ends() -> None:
    found = detect(beats(100, 10), 4000)
    assert indices(found)[:3] == [100, 400, 700]
    assert found[0][1] <= 720 + CANDIDATE_DELAY + 36


def test_after_learning_a_beat_is_told_within_0_4_s() -> None:
    found = detect(beats(100, 10), 4000)
    assert all(told - index <= 0.4 * 360 for index, told in found if index > 720)


def test_noise_below_the_threshold_is_not_a_beat() -> None:
    noise = [candidate(100 + i * 300 + 150, height=60.0) for i in range(10)]
    both = sorted(beats(100, 10) + noise, key=lambda c: c.index)
    assert indices(detect(both, 4000)) == [c.index for c in beats(100, 10)]


def test_nothing_follows_a_beat_of_slow_rhythm_within_250_ms() -> None:
    echo = candidate(1000 + 89, height=490.0)
    found = detect(sorted([*beats(100, 10), echo], key=lambda c: c.index), 4000)
    assert 1089 not in indices(found)


def test_a_heart_that_jumps_to_290_bpm_is_followed() -> None:
    train = beats(100, 10) + beats(100 + 9 * 300 + 74, 40, rr=74)
    found = indices(detect(train, train[-1].index + 400))
    assert found[-20:] == [c.index for c in train[-20:]]


def p_waves_and_beats(p_height: float, qrs_height: float, *, distance: int = 76) -> tuple[list[Candidate], set[int]]:
    """Ten beats, then twenty with a P wave `distance` before the QRS complex; and the indices of the P waves."""
    train = beats(100, 10)
    p_indices = set()
    for i in range(20):
        r_index = 3100 + 300 * i
        p_indices.add(r_index - distance)
        train += [candidate(r_index - distance, height=p_height), candidate(r_index, height=qrs_height)]
    return train, p_indices


def test_a_p_wave_before_a_low_qrs_complex_gives_way_to_it() -> None:
    train, p_indices = p_waves_and_beats(p_height=350.0, qrs_height=420.0)
    found = indices(detect(train, 10_000))
    assert not p_indices & set(found)
    assert found == [c.index for c in train if c.index not in p_indices]


def test_a_beat_held_back_for_a_stronger_one_is_told_when_none_comes() -> None:
    early = candidate(1150, height=350.0)
    train = sorted([*beats(100, 4), early, *beats(1450, 8)], key=lambda c: c.index)
    found = dict(detect(train, 4500))
    assert found[1150] - 1150 <= CANDIDATE_DELAY + 90 + 36


def test_a_beat_held_back_is_told_at_the_end_of_the_stretch() -> None:
    detector = PanTompkins(BeatMorphology())
    detector.restart(0)
    early = candidate(100 + 9 * 300 + 150, height=350.0)
    told = [c for known in [*beats(100, 10), early] for c in detector.advance([known], known.known_at)]
    assert early not in told
    assert detector.finish() == [early]


def test_a_t_wave_is_told_by_its_steepness_within_360_ms() -> None:
    flat = candidate(1000 + 110, height=400.0, steepness=150.0)
    steep = candidate(1600 + 110, height=400.0, steepness=250.0)
    late = candidate(2200 + 131, height=400.0, steepness=150.0)
    found = indices(detect(sorted([*beats(100, 10), flat, steep, late], key=lambda c: c.index), 4000))
    assert 1110 not in found
    assert 1710 in found
    assert 2331 in found


def test_search_back_finds_a_small_beat_when_the_next_is_overdue() -> None:
    small = candidate(1300, height=125.0)
    train = sorted([*beats(100, 4), small, *beats(1600, 8)], key=lambda c: c.index)
    found = dict(detect(train, 4500))
    assert 1300 in found
    overdue = 1000 + 1.66 * 300 + CANDIDATE_DELAY
    assert overdue <= found[1300] <= overdue + 36


def test_one_giant_artefact_does_not_blind_the_detector() -> None:
    train = beats(100, 12)
    train[4] = candidate(train[4].index, height=20_000.0)
    assert indices(detect(train, 4500)) == [c.index for c in train]


def test_a_lead_that_loses_its_amplitude_loses_no_beat() -> None:
    before = [shaped(100 + 300 * i, 500.0, (1.0, 0.0)) for i in range(12)]
    after = [
        dataclasses.replace(shaped(3700 + 300 * i, 70.0, (1.0, 0.0)), steepness=90.0, extent=180.0) for i in range(20)
    ]
    assert indices(detect([*before, *after], 10_000)) == [c.index for c in (*before, *after)]


def test_small_beats_between_large_ones_are_found_from_the_start() -> None:
    large = [dataclasses.replace(shaped(100 + 600 * i, 2000.0, (0.0, 1.0)), extent=2000.0) for i in range(12)]
    small = [shaped(400 + 600 * i, 450.0, (1.0, 0.0)) for i in range(12)]
    train = sorted([*large, *small], key=lambda c: c.index)
    assert indices(detect(train, 8000)) == [c.index for c in train]


def test_nothing_below_0_15_mv_is_a_qrs_complex() -> None:
    small = [candidate(100 + 300 * i, height=60.0, steepness=70.0, extent=150.0) for i in range(60)]
    assert indices(detect(small, 20_000)) == []
    assert indices(detect([*beats(100, 10), *(c for c in small if c.index > 3000)], 20_000)) == [
        c.index for c in beats(100, 10)
    ]


def test_p_waves_of_0_3_mv_end_no_standstill() -> None:
    p_waves = [
        dataclasses.replace(shaped(3100 + 270 * i, 90.0, (0.9, 0.44)), steepness=100.0, extent=300.0) for i in range(50)
    ]
    own = [shaped(100 + 300 * i, 500.0, (1.0, 0.0)) for i in range(10)]
    assert indices(detect([*own, *p_waves], 18_000)) == [c.index for c in own]
    assert indices(detect(p_waves, 18_000)) == []


def test_a_wide_slow_escape_rhythm_is_found_whole() -> None:
    own = [shaped(100 + 300 * i, 500.0, (1.0, 0.0)) for i in range(10)]
    escape = [
        dataclasses.replace(shaped(4500 + 700 * i, 110.0, (0.0, 1.0)), steepness=130.0, extent=600.0) for i in range(12)
    ]
    assert indices(detect([*own, *escape], 14_000)) == [c.index for c in (*own, *escape)]


def test_a_peaked_t_wave_as_steep_as_the_qrs_complex_is_no_beat() -> None:
    train = [candidate(100 + 600 * i, height=400.0, steepness=220.0, extent=400.0) for i in range(12)]
    waves = [candidate(c.index + 110, height=500.0, steepness=190.0, extent=900.0) for c in train]
    assert indices(detect(sorted([*train, *waves], key=lambda c: c.index), 8000)) == [c.index for c in train]


def test_an_electrode_just_put_on_hides_no_beat_for_longer_than_three_seconds() -> None:
    step = candidate(50, height=5000.0, steepness=5000.0)
    train = [candidate(300 + i * 300, height=500.0, steepness=500.0) for i in range(20)]
    found = detect([step, *train], 7000)
    assert indices(found) == [c.index for c in (step, *train)]
    assert all(told - index <= 3.5 * 360 for index, told in found)


def test_what_an_electrode_just_put_on_leaves_behind_hides_beats_only_as_long_as_it_lasts() -> None:
    swing = [candidate(50, height=5000.0, steepness=5000.0), candidate(300, height=2000.0, steepness=1000.0)]
    train = [candidate(600 + i * 300, height=500.0, steepness=500.0) for i in range(20)]
    found = detect([*swing, *train], 7000)
    assert indices(found) == [c.index for c in (swing[0], *train)]
    assert found[1][1] <= swing[1].index + 3.5 * 360


def test_levels_that_eight_beats_bear_out_outlast_a_pause_of_five_seconds() -> None:
    small = [candidate(2300 + i * 300, height=60.0, steepness=40.0) for i in range(5)]
    after = beats(4000, 5)
    assert indices(detect([*beats(100, 8), *small, *after], 6000)) == [c.index for c in (*beats(100, 8), *after)]


def test_p_waves_of_a_standing_ventricle_never_become_beats() -> None:
    train = beats(100, 10) + beats(3100, 60, height=40.0)
    assert indices(detect(train, 22_000)) == [c.index for c in train[:10]]


def test_noise_of_a_front_end_alone_gives_no_beat() -> None:
    noise = [candidate(c.index, height=12.0, steepness=9.0) for c in beats(100, 60)]
    assert detect(noise, 20_000) == []


def test_after_a_gap_beats_are_told_without_learning_anew() -> None:
    detector = PanTompkins(BeatMorphology())
    detector.restart(0)
    for c in beats(100, 10):
        detector.advance([c], c.known_at)
    detector.restart(10_000)
    told = detector.advance([candidate(10_050)], 10_050 + CANDIDATE_DELAY)
    assert indices([(c.index, 0) for c in told]) == [10_050]


def test_a_wave_as_high_as_the_qrs_complex_but_not_steep_is_not_a_beat() -> None:
    waves = [candidate(100 + i * 300 + 150, height=450.0, steepness=60.0) for i in range(10)]
    both = sorted(beats(100, 10) + waves, key=lambda c: c.index)
    assert indices(detect(both, 4000)) == [c.index for c in beats(100, 10)]


def beats_in_muscle_noise(seed: int) -> tuple[list[Candidate], list[Candidate]]:
    """Sixty beats, and after the first twenty maxima at no fixed time, as steep as muscle noise is."""
    rng = np.random.default_rng(seed)
    clean = beats(100, 60)
    places = 6000 + np.cumsum(rng.integers(40, 110, 160))
    noise = [
        candidate(int(place), height=500 * share, steepness=330 * share)
        for place, share in zip(places, rng.uniform(0.3, 0.6, len(places)), strict=True)
        if place < 18_000 and all(abs(place - beat.index) > 40 for beat in clean)
    ]
    return clean, noise


def test_muscle_noise_hides_no_beat_and_most_of_it_is_not_told() -> None:
    false = maxima = 0
    for seed in range(4):
        clean, noise = beats_in_muscle_noise(seed)
        told = set(indices(detect(sorted(clean + noise, key=lambda each: each.index), 18_400)))
        assert {each.index for each in clean} <= told
        false += len(told) - len(clean)
        maxima += len(noise)
    assert false < 0.18 * maxima  # 23 % where nothing is done about it, and beats are missed


def test_in_muscle_noise_a_large_premature_beat_is_still_told() -> None:
    clean, noise = beats_in_muscle_noise(1)
    early = candidate(100 + 40 * 300 + 110)
    assert early.index in indices(detect(sorted([*clean, *noise, early], key=lambda each: each.index), 18_400))


def shaped(index: int, height: float, unit: tuple[float, float]) -> Candidate:
    return dataclasses.replace(candidate(index, height), shape=np.array(unit))


def found_between_beats(height: float, unit: tuple[float, float]) -> bool:
    """Whether a maximum of that height and shape is found between two of 20 beats of height 500 and shape (1, 0)."""
    train = [shaped(100 + 300 * i, 500.0, (1.0, 0.0)) for i in range(20)]
    other = shaped(100 + 300 * 15 + 150, height, unit)
    return other.index in indices(detect(sorted([*train, other], key=lambda c: c.index), 7000))


def test_what_looks_like_no_beat_so_far_must_be_larger() -> None:
    assert found_between_beats(230.0, (1.0, 0.0))
    assert not found_between_beats(230.0, (0.0, 1.0))
    assert not found_between_beats(230.0, (-1.0, 0.0))


def test_a_large_beat_is_found_whatever_it_looks_like() -> None:
    assert found_between_beats(400.0, (-1.0, 0.0))


def in_muscle_noise(seed: int, *, p_waves: bool = False) -> tuple[list[Candidate], list[Candidate]]:
    """Beats of the shape (1, 0) in noise of the shape (0, 1); and with P waves of the beats' own shape, or without."""
    clean, noise = beats_in_muscle_noise(seed)
    known = [dataclasses.replace(beat, shape=np.array((1.0, 0.0))) for beat in clean]
    other = [dataclasses.replace(maximum, shape=np.array((0.0, 1.0))) for maximum in noise]
    if p_waves:
        other += [shaped(beat.index - 60, 0.8 * beat.height, (1.0, 0.0)) for beat in known[12:]]
    return known, other


def test_in_muscle_noise_what_has_the_shape_of_a_beat_is_told_at_once() -> None:
    for seed in range(4):
        clean, noise = in_muscle_noise(seed)
        told = dict(detect(sorted([*clean, *noise], key=lambda each: each.index), 18_400))
        later = [beat.index for beat in clean[8:] if told[beat.index] - beat.index > 0.45 * 360]
        assert len(later) < 0.05 * len(clean)


def test_in_muscle_noise_p_waves_of_the_shape_of_beats_still_give_way() -> None:
    for seed in range(4):
        clean, noise = in_muscle_noise(seed, p_waves=True)
        told = set(indices(detect(sorted([*clean, *noise], key=lambda each: each.index), 18_400)))
        assert sum(beat.index not in told for beat in clean) <= 3


def test_the_waves_of_atrial_flutter_do_not_recur() -> None:
    train = [shaped(100 + 340 * i, 1500.0, (1.0, 0.0)) for i in range(30)]
    train = [dataclasses.replace(beat, extent=1400.0, steepness=700.0) for beat in train]
    wave = dataclasses.replace(shaped(0, 430.0, (0.0, 1.0)), extent=420.0, steepness=150.0)
    waves = [dataclasses.replace(wave, index=b.index + d, known_at=b.known_at + d) for b in train for d in (130, 215)]
    found = indices(detect(sorted([*train, *waves], key=lambda each: each.index), 10_600))
    assert not set(found) & {each.index for each in waves}


def test_a_premature_beat_on_the_t_wave_is_found_where_t_waves_are_small() -> None:
    train = [candidate(100 + 300 * i, 1500.0, 600.0, 900.0) for i in range(20)]
    t_waves = [candidate(beat.index + 100, 240.0, 50.0, 200.0) for beat in train if beat is not train[15]]
    premature = candidate(train[15].index + 125, 1600.0, 300.0, 1100.0)
    found = indices(detect(sorted([*train, *t_waves, premature], key=lambda each: each.index), 6500))
    assert premature.index in found
    assert not set(found) & {each.index for each in t_waves}


def test_a_wide_beat_that_is_small_beside_the_others_is_found_in_the_pause_behind_it() -> None:
    train = [candidate(100 + 300 * i, 3900.0, 1200.0, 2300.0) for i in range(20) if i != 15]
    premature = candidate(100 + 300 * 14 + 190, 1000.0, 160.0, 640.0)
    assert premature.index in indices(detect(sorted([*train, premature], key=lambda each: each.index), 6500))


def test_a_jump_to_260_a_minute_in_one_shape_is_followed_from_its_first_beats() -> None:
    train = [shaped(100 + 300 * i, 500.0, (1.0, 0.0)) for i in range(10)]
    fast = [shaped(train[-1].index + 83 * i, 1000.0, (0.0, 1.0)) for i in range(2, 40)]
    found = indices(detect([*train, *fast], 7000))
    assert len(set(found) & {each.index for each in fast}) >= len(fast) - 1


def test_what_was_turned_down_long_ago_is_no_beat_any_more() -> None:
    """Its samples are kept for twelve seconds."""
    train = [candidate(100 + 300 * i, 3000.0, 900.0, 1800.0) for i in range(10)]
    late = [candidate(3000 + 250 * i, 500.0 - 3 * i, 180.0, 620.0) for i in range(60)]
    assert all(told - index < 10 * 360 for index, told in detect([*train, *late], 19_000))
