"""The daemon and its parts: commands, status, alarms of the host, supervision, replay."""
