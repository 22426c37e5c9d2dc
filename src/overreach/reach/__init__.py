"""Exact counts of who could reach whom, from the policy alone."""
