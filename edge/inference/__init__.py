"""From a beat to its label: what a model is shown, which model files this version takes, and the model at work.

Importing this costs no runtime: the interpreter's package is imported when a classifier is loaded.
"""

from ecg.model_file.container import ModelFile
from edge.inference.classifier import Classifier, TFLiteClassifier, load_classifier
from edge.inference.compatibility import read

__all__ = ["Classifier", "ModelFile", "TFLiteClassifier", "load_classifier", "read"]
