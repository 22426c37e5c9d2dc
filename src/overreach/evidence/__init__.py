"""What a run leaves that anyone can verify offline, and the gate for pipelines."""
