"""Reads and reports: status, doctor, quarantine. Only `quarantine release` changes anything."""
