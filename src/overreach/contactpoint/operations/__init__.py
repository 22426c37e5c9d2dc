"""What can be asked of the registry: one function an operation.

A function reads and writes without awaiting anything in between; its caller writes the log and commits.
"""
