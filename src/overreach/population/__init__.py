"""Synthetic people: recipes, sampling and the Parquet store."""
