"""Other looks at the reach of a population than its counts: what if, steps, stolen accounts."""
