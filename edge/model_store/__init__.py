"""The models on a device: a folder of model files, which of them is in use, and the way from one to another.

`Store` keeps them, `load_chosen` is what the daemon starts with, `trial` switches and goes back if it goes wrong.
"""

from edge.model_store.selection import SHIPPED
from edge.model_store.startup import Chosen, load_chosen, wanted
from edge.model_store.store import Store

__all__ = ["SHIPPED", "Chosen", "Store", "load_chosen", "wanted"]
