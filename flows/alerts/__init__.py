"""Alerts of runs that need attention: their texts, their addresses, and those that wait to be sent. No alert changes a run."""
