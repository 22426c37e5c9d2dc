"""The running system, seen only from outside."""
