"""What should be allowed: reading Cedar, deciding, and deciding in bulk."""
