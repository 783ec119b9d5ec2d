"""From a trained model to a model file, and what is inside one."""
