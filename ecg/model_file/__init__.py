"""The model file: container, card, signature, golden outputs, runtime."""
