"""Buzzer, LED and the patient's button.

`patterns` are pure; `annunciator` plays them on `pins`; `button` reads the button.
"""
