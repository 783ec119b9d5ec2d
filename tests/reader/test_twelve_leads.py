"""An ECG of twelve leads."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from reader.twelve_leads import LEADS, LIMB_LEADS, TwelveLeads, only_lead


def test_one_lead_alone_is_as_if_there_were_no_other() -> None:
    samples_mv = np.arange(12.0)[:, np.newaxis] + np.zeros((12, 50))
    ecg = TwelveLeads(samples_mv=samples_mv, rate_hz=Fraction(100), recorded=LEADS, flat=("V1",))
    alone = only_lead(ecg, "V3")
    assert alone.present == ("V3",)
    assert alone.recorded == ("V3",)
    assert alone.flat == ()
    np.testing.assert_array_equal(alone.lead_mv("V3"), ecg.lead_mv("V3"))
    assert ecg.present == tuple(lead for lead in LEADS if lead != "V1")


def test_a_lead_that_was_derived_counts_as_the_only_one() -> None:
    ecg = TwelveLeads(samples_mv=np.ones((12, 50)), rate_hz=Fraction(100), recorded=("I", "II"), derived=LIMB_LEADS[2:])
    assert only_lead(ecg, "aVF").derived == ()
