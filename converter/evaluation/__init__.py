"""How beats, rhythms and alarms are judged against reference annotations, and the report on accuracy.

`scoring` and `alarm_scoring` say what counts as right; each of the others asks one question of the whole product path.
"""
