"""The alarm rules, one family a file; each owns its alarms and knows nothing of the others."""
