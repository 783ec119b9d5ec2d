"""What goes over MQTT: topics, messages, commands, wording and JSON Schemas."""
