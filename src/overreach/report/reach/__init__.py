"""Exact reach to look at: counted, described in plain figures, drawn, and written as a page."""
