"""Asking, reading the bytes of answers, and judging them."""
