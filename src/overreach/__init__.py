"""Overreach proves who could reach whose record in a running system."""
