"""Beat-by-beat scoring: what counts as found, missed, false, and as the right class."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
import wfdb.processing
from hypothesis import given
from hypothesis import strategies as st

from converter.datasets.annotations import BeatAnnotations
from converter.datasets.matching import MATCH_WINDOW
from converter.evaluation.scoring import CLASSES, average, class_scores, detection_score, score_record

spaced = st.lists(st.integers(110, 400), min_size=1, max_size=40).map(lambda steps: np.cumsum(steps, dtype=np.int64))


def beats(index: list[int], symbol: str = "", ventricular_flutter: tuple[tuple[int, int], ...] = ()) -> BeatAnnotations:
    symbols = symbol or "N" * len(index)
    return BeatAnnotations(np.array(index, np.int64), np.array(list(symbols), dtype=np.str_), ventricular_flutter)


@given(spaced, st.data())
def test_wfdb_counts_the_same_where_beats_are_apart(reference: np.ndarray, data: st.DataObject) -> None:
    # wfdb does not always count a distance of exactly the window; that it counts here has a test of its own.
    shift = st.integers(-60, 60).filter(lambda samples: abs(samples) != MATCH_WINDOW)
    shifts = data.draw(st.lists(shift, min_size=len(reference), max_size=len(reference)))
    keep = data.draw(st.lists(st.booleans(), min_size=len(reference), max_size=len(reference)))
    test = np.unique((reference + shifts)[np.array(keep)])
    test = test[np.insert(np.diff(test) > 2 * MATCH_WINDOW, 0, values=True)] if len(test) else test
    if not len(test):
        return
    theirs = wfdb.processing.compare_annotations(reference, test, MATCH_WINDOW)
    score = score_record("r", beats(reference.tolist()), beats(test.tolist())).detection
    # wfdb's own matching gives a beat away without trying its second nearest, so it can only find fewer.
    assert score.true >= theirs.tp
    assert score.true + score.missed == theirs.tp + theirs.fn
    if (np.diff(reference) > 4 * MATCH_WINDOW).all():
        assert (score.true, score.missed, score.false) == (theirs.tp, theirs.fn, theirs.fp)


@pytest.mark.parametrize(("distance", "found"), [(MATCH_WINDOW, 1), (MATCH_WINDOW + 1, 0)])
def test_the_window_is_150_ms_inclusive(distance: int, found: int) -> None:
    assert score_record("r", beats([1000]), beats([1000 + distance])).detection.true == found


def test_missed_and_false_beats_make_sensitivity_predictivity_and_error_rate() -> None:
    score = score_record("r", beats([400, 800, 1200, 1600]), beats([400, 800, 1200, 2000, 2400])).detection
    assert (score.true, score.missed, score.false) == (3, 1, 2)
    assert (score.sensitivity, score.predictivity, score.error_rate) == (0.75, 0.6, 0.75)


def test_the_matrix_holds_reference_classes_in_rows_and_test_classes_in_columns() -> None:
    matrix = score_record("r", beats([400, 800, 1200, 1600], "LVVA"), beats([400, 800, 1200, 2000], "NVNV")).matrix
    expected = np.zeros((6, 6), np.int64)
    expected[CLASSES.index("N"), CLASSES.index("N")] = 1
    expected[CLASSES.index("V"), CLASSES.index("V")] = 1
    expected[CLASSES.index("V"), CLASSES.index("N")] = 1
    expected[CLASSES.index("S"), 5] = 1  # missed
    expected[5, CLASSES.index("V")] = 1  # false
    assert (matrix == expected).all()


def test_a_missed_beat_counts_against_its_class_and_a_false_one_against_the_class_it_was_called() -> None:
    scores = {
        score.label: score
        for score in class_scores(score_record("r", beats([400, 800], "VV"), beats([400, 2000, 3000], "VVN")).matrix)
    }
    assert scores["V"].sensitivity == 0.5
    assert scores["V"].predictivity == 0.5
    assert scores["N"].sensitivity is None
    assert scores["N"].predictivity == 0.0


def test_fusion_called_ventricular_is_forgiven_only_in_the_figure_of_the_standard() -> None:
    matrix = score_record("r", beats([400, 800, 1200], "VFN"), beats([400, 800, 1200], "VVV")).matrix
    ventricular = class_scores(matrix)[CLASSES.index("V")]
    assert ventricular.predictivity == pytest.approx(1 / 3)
    assert ventricular.predictivity_ec57 == pytest.approx(1 / 2)


def test_detections_in_ventricular_fibrillation_are_left_out() -> None:
    reference = beats([400, 800, 5000], ventricular_flutter=((1000, 4000),))
    assert score_record("r", reference, beats([400, 800, 1500, 2000, 5000])).detection.false == 0
    assert score_record("r", beats([400, 800, 5000]), beats([400, 800, 1500, 2000, 5000])).detection.false == 2


def test_a_beat_on_the_edge_of_what_is_skipped_keeps_its_partner() -> None:
    score = score_record("r", beats([3605, 7000]), beats([3595, 7000]), spans_s=((10.0, inf),)).detection
    assert (score.true, score.missed, score.false) == (2, 0, 0)


def test_only_the_first_seconds_count_when_an_end_is_given() -> None:
    score = score_record("r", beats([400, 3000, 7000]), beats([400, 3300, 8000]), spans_s=((0.0, 10.0),)).detection
    assert (score.true, score.missed, score.false) == (1, 1, 1)


@given(spaced, st.data())
def test_a_perfect_annotation_scores_one_hundred_percent_in_every_class(index: np.ndarray, data: st.DataObject) -> None:
    symbols = data.draw(st.lists(st.sampled_from("NLRejAaJSVEF/fQ"), min_size=len(index), max_size=len(index)))
    annotation = beats(index.tolist(), "".join(symbols))
    matrix = score_record("r", annotation, annotation).matrix
    assert matrix.sum() == np.trace(matrix) == len(index)
    assert {score.sensitivity for score in class_scores(matrix)} <= {1.0, None}
    assert detection_score(matrix).error_rate == 0.0


def test_the_average_over_records_leaves_out_those_without_the_figure() -> None:
    assert average([1.0, None, 0.5]) == 0.75
    assert average([None]) is None
