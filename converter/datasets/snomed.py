"""From the SNOMED CT codes of the PhysioNet/CinC Challenges 2020 and 2021 to the superclasses of PTB-XL.

The codes and their names are those of the Challenge's own tables (`dx_mapping_scored.csv`, `dx_mapping_unscored.csv`;
Reyna et al. 2021, Will two do?, Computing in Cardiology 48). Each goes to the superclass that PTB-XL's table of
statements (`scp_statements.csv`; Wagner et al. 2020) gives the statement of the same meaning. Beyond that table:

- ST depression and elevation and T wave changes of any kind go to STTC. PTB-XL has statements of form for them, which
  count for no superclass, beside diagnostic ones for the same finding; other hospitals have these codes alone.
- High voltage, low voltage, axes, Q waves and poor R progression go to none, as in PTB-XL.
- Sinus rhythm alone is NORM: these hospitals have no code for a normal ECG. A code of another rhythm or of extra beats
  beside it does not make it abnormal in PTB-XL's sense, but leaves unknown whether anybody called it normal: NORM is
  then not known, and such a recording takes no part in its figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["SINUS_RHYTHM", "SUPERCLASS_OF", "superclasses"]

SINUS_RHYTHM: Final = "426783006"

SUPERCLASS_OF: Final[dict[str, str]] = {
    "164865005": "MI",  # myocardial infarction
    "164867002": "MI",  # old myocardial infarction
    "57054005": "MI",  # acute myocardial infarction
    "54329005": "MI",  # anterior myocardial infarction
    "164861001": "STTC",  # myocardial ischemia
    "413444003": "STTC",  # acute myocardial ischemia
    "413844008": "STTC",  # chronic myocardial ischemia
    "426434006": "STTC",  # anterior ischemia
    "425419005": "STTC",  # inferior ischaemia
    "425623009": "STTC",  # lateral ischaemia
    "428750005": "STTC",  # nonspecific st t abnormality
    "55930002": "STTC",  # st changes
    "164930006": "STTC",  # st interval abnormal
    "429622005": "STTC",  # st depression
    "704997005": "STTC",  # inferior st segment depression
    "164931005": "STTC",  # st elevation
    "164934002": "STTC",  # t wave abnormal
    "59931005": "STTC",  # t wave inversion
    "111975006": "STTC",  # prolonged qt interval
    "164909002": "CD",  # left bundle branch block
    "733534002": "CD",  # complete left bundle branch block
    "251120003": "CD",  # incomplete left bundle branch block
    "59118001": "CD",  # right bundle branch block
    "713427006": "CD",  # complete right bundle branch block
    "713426002": "CD",  # incomplete right bundle branch block
    "6374002": "CD",  # bundle branch block
    "445118002": "CD",  # left anterior fascicular block
    "445211001": "CD",  # left posterior fascicular block
    "698252002": "CD",  # nonspecific intraventricular conduction disorder
    "82226007": "CD",  # diffuse intraventricular block
    "270492004": "CD",  # 1st degree av block
    "195042002": "CD",  # 2nd degree av block
    "54016002": "CD",  # mobitz type i wenckebach atrioventricular block
    "426183003": "CD",  # mobitz type ii atrioventricular block
    "28189009": "CD",  # mobitz type 2 second degree atrioventricular block
    "164903001": "CD",  # partial atrioventricular block 2:1
    "27885002": "CD",  # complete heart block
    "233917008": "CD",  # av block
    "74390002": "CD",  # wolff parkinson white pattern
    "195060002": "CD",  # ventricular pre excitation
    "164873001": "HYP",  # left ventricular hypertrophy
    "89792004": "HYP",  # right ventricular hypertrophy
    "266249003": "HYP",  # ventricular hypertrophy
    "67741000119109": "HYP",  # left atrial enlargement
    "253352002": "HYP",  # left atrial abnormality
    "446813000": "HYP",  # left atrial hypertrophy
    "253339007": "HYP",  # right atrial abnormality
    "446358003": "HYP",  # right atrial hypertrophy
    "195126007": "HYP",  # atrial hypertrophy
}


def superclasses(codes: Collection[str]) -> dict[str, bool]:
    """Whether each superclass holds for a recording with these codes; NORM is missing where it is not known.

    Args:
        codes: at least one.
    """
    shown = {SUPERCLASS_OF[code] for code in codes if code in SUPERCLASS_OF}
    found = {name: name in shown for name in ("MI", "STTC", "CD", "HYP")}
    if shown or set(codes) == {SINUS_RHYTHM}:
        found["NORM"] = not shown
    return found
