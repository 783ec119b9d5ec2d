"""What an ECG may show: the superclasses of PTB-XL and their certainty, or a reason to abstain."""

from reader.classify.choosing import classify
from reader.classify.classification import Classification

__all__ = ["Classification", "classify"]
