"""The gallery: plays textbook situations through the monitor's pipeline and tells what was right and what was wrong."""

from edge.gallery.run import Verdict, choose, listen, play_all, play_one
from edge.gallery.save import save_play

__all__ = ["Verdict", "choose", "listen", "play_all", "play_one", "save_play"]
