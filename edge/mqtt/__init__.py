"""MQTT: topics, messages and the client that carries them.

Nothing is imported here, so that writing messages to a file (`replay --events`) does not load a network library.
"""
