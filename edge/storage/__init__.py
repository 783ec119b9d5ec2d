"""What is kept on this machine: messages that must arrive, the recording and its strips, what outlives a restart."""
