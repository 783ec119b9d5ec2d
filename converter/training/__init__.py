"""Training a model on labelled beats, and the smaller fits: filters, the interval network, ventricular flutter.

`train` does a run by `settings`, in batches, and leaves a `run_folder`; each `fit_` and `design_` module is a command.
"""
