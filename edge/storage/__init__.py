"""Files on this machine: the outbox of undelivered messages, the recording and its strips, the state for a restart."""
