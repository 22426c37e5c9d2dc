"""Synthetic people and records: a pure function of recipe, size and seed, kept as Parquet tables."""
