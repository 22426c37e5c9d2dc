"""Driving bandit as a process of its own."""
