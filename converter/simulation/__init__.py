"""Patients for training in rhythms that few recordings hold; the rhythms themselves are `edge.simulator.rhythms`.

`patients` come out of textbooks, `own_rhythms` are made of a patient's own intervals, `simulated_beats` of real beats.
"""
