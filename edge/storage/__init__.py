"""What is kept on this machine: the outbox of messages that must arrive, and the recording with its strips."""
