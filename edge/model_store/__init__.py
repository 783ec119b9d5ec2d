"""The models on a device: a folder of model files, the selection of one, and the switch to another.

`ModelStore` holds the files, `load_selected` loads the model for the daemon, `trial` switches and rolls back.
"""

from edge.model_store.selection import SHIPPED
from edge.model_store.startup import LoadedModel, load_selected, read_selected
from edge.model_store.store import ModelStore

__all__ = ["SHIPPED", "LoadedModel", "ModelStore", "load_selected", "read_selected"]
