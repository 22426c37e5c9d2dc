"""Named deviations of the registry, one function each, in files by kind."""
