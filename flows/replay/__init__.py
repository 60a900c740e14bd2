"""Stored payloads parsed again, and what that changes."""
