"""A population laid beside its figures: on a terminal, as a page, as JSON. Counts only; no name of a person."""
