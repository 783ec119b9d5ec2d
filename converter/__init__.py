"""The desktop: data sets, simulated patients, the model zoo, training, evaluation, export and release of models."""
