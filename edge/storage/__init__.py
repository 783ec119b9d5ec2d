"""What is kept on this machine: the outbox of messages that must arrive, and the state that outlives a restart."""
