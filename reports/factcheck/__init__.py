"""Claims of others held against the warehouse: read, looked up, given a verdict with its reason. No network, no model."""
