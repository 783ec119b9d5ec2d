"""MATLAB files of recordings that have no header beside them."""
