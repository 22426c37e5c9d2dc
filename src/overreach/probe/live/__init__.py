"""What follows from the policy alone, tried on the running system."""
