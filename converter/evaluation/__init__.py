"""How beats, rhythms and alarms are judged against reference annotations, and the report on accuracy.

Beats are scored by `scoring`, alarms by `alarms`; each of the others asks one question of the whole product path.
"""
