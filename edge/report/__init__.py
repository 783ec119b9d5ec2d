"""The report of one day: what the recording tells of it, and how that stands on paper."""
