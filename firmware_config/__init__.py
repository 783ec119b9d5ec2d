"""What the hardware and the broker are configured with: register sets, board pin maps, boot config, broker config."""

from pathlib import Path

DIRECTORY = Path(__file__).parent
