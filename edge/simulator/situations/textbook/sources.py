"""The sources that situations name."""

from typing import Final

__all__ = [
    "ACLS",
    "BIGGER",
    "CRUZ",
    "DREW",
    "EC13",
    "FAMILY_PHYSICIAN",
    "HEALTHYPI",
    "HUANG",
    "IEC_27",
    "KLIGFIELD",
    "MINDRAY",
    "MRX",
    "NEUROKIT_752",
    "NEUROKIT_818",
    "PELTER",
    "PHILIPS_MP2",
    "SAMPLE_AND_HOLD",
    "SANDAU",
    "SURAWICZ",
    "SURAWICZ_POTASSIUM",
    "WELLENS",
]

ACLS: Final = "Panchal et al., AHA guidelines part 3: adult life support, Circulation 142:S366, 2020"
BIGGER: Final = "Drew and Funk, Practice standards for ECG monitoring, Crit Care Nurs Clin N Am 18:157, 2006"
CRUZ: Final = "Cvach, Monitor alarm fatigue, Biomed Instrum Technol 46:268, 2012"
DREW: Final = "Drew et al., Insights into the problem of alarm fatigue, PLoS One 9:e110274, 2014"
EC13: Final = "ANSI/AAMI EC13:2002, 4.1.2.1 and figure 3; PhysioNet aami-ec13"
FAMILY_PHYSICIAN: Final = "Am Fam Physician 74:921, 2006 (teeth brushed on a Holter)"
HEALTHYPI: Final = "protocentral: ADS1292rShield_Breakout issue 7, healthypi-v3 issue 22"
HUANG: Final = "Huang et al., Parkinsonian tremor mimicking ventricular tachycardia, Int J Cardiol 111:163, 2006"
IEC_27: Final = "IEC 60601-2-27:2011, 201.12.1.101"
KLIGFIELD: Final = "Kligfield et al., AHA/ACC/HRS recommendations part I, Circulation 115:1306, 2007"
MINDRAY: Final = "Mindray V series, operator's manual, 9.7.1.3 (V-Tach from 100 a minute on)"
MRX: Final = "Philips HeartStart MRx, manual, page 61 (ventricular beats taken for normal ones)"
NEUROKIT_752: Final = "neuropsychology/NeuroKit issue 752, wfdb-python issue 124 (T waves counted, the rate doubled)"
NEUROKIT_818: Final = "neuropsychology/NeuroKit issue 818, wfdb-python issue 136 (every other R peak)"
PELTER: Final = "Pelter et al. 2016 (PubMed 27632038) and Am J Crit Care 24:545: nothing below 0.15 mV is a QRS complex"
PHILIPS_MP2: Final = (
    "Philips IntelliVue MP2, manual, page 128; GE Carescape, manual, page 174 (pulses during an arrest)"
)
SAMPLE_AND_HOLD: Final = "IEC 60601-1-8:2020, 6.1.2: an alarm condition that cannot be checked is not over"
SANDAU: Final = "Sandau et al., AHA update to practice standards for ECG monitoring, Circulation 136:e273, 2017"
SURAWICZ: Final = "Surawicz et al., AHA/ACCF/HRS recommendations part III, Circulation 119:e235, 2009"
SURAWICZ_POTASSIUM: Final = "Surawicz, Relationship between ECG and electrolytes, Am Heart J 73:814, 1967"
WELLENS: Final = "Wellens, Bar and Lie, The value of the ECG in wide QRS tachycardia, Am J Med 64:27, 1978"
