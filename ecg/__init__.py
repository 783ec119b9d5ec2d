"""What monitor, console, reader and converter must agree on: samples, recordings, alarms, messages, files.

Nothing here imports `edge`, `reader`, `console` or `converter`.
"""
