"""Prefect's settings, the schedule, serving, deploying, running a flow in this process. No step of a run is defined here."""
