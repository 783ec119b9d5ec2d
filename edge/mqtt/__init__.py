"""MQTT: the client, its connections and deliveries, and the discovery message for Home Assistant.

Nothing is imported here, so that writing messages to a file (`replay --events`) does not load a network library.
"""
