"""Driving mitmproxy as a process of its own."""
