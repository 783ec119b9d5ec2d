"""Alarms: their kinds and priorities, the life of one, and the set of those that are active. Knows no wire."""
