"""How a review is told: one folder a run, several formats, redacted once."""
