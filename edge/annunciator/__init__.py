"""What becomes of alarms once they are raised: the board with acknowledgements and snoozes, commands, buzzer and LED.

Also the technical alarms of the machine itself. The decisions are pure; what reads or drives hardware says so.
"""
