"""Why a model answers as it does: which waves of which leads it answers by, and whether that can be relied on."""
