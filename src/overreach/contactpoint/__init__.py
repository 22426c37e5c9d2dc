"""The reference registry: the defendant. It imports nothing from the rest of Overreach."""
