"""What goes over MQTT: topics, messages, commands, wording and JSON Schemas. It stands alone: nothing of the monitor.

The monitor encodes (`encoder`), a console decodes (`decoder`), from the same types (`payloads`, `commands`). Importing
this package loads none of them.

What may change without breaking an older peer:

- A field may be added to a message; a receiver passes over what it does not know.
- A field that is optional may be left out: it is unknown then, which is never 0.
- A value may be added to an enumeration (a kind of alarm, a rhythm) together with its wording.
- An optional field may be added to a command; a device of an older version refuses the command, and says why.

What may not change: the meaning or the unit of a field, its type, a topic, whether a message is retained. Where that is
needed, the number behind the slash in `schema` grows, and a receiver refuses what it does not know.
"""
