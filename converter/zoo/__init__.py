"""The models that can be trained: a module for each architecture, with its sizes by name."""
