"""The desktop: datasets, model zoo, training, evaluation, export."""
