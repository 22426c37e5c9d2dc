"""Driving Locust as a process of its own."""
