"""The model file: `container` reads and writes it, `card` is what it says of itself, `tasks` what it may be for.

`signature` says who vouches for it; `loading` brings its model to work on a `runtime`, and holds it to its `golden`
outputs.
"""
