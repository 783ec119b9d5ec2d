"""What the beats mean: heart rate, rhythm, alarms and minute summaries.

Pure: no file, socket, clock or thread. All times are 360 Hz sample indices.
"""
