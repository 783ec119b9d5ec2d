"""Recordings, their annotations, and the labelled beats cut from them."""
