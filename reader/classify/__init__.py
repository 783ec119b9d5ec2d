"""What an ECG may show: the superclasses of PTB-XL and their certainty, or a reason to abstain."""

from reader.classify.classification import Classification, classify

__all__ = ["Classification", "classify"]
