"""A market that does not exist, made from a seed. No network, no clock."""
