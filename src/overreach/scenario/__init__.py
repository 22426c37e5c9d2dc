"""The pytest plugin behind the scenarios."""
