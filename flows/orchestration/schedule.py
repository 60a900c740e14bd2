"""When the daily flow runs: two hours after the close of New York."""

CRON = "30 18 * * 1-5"
TIMEZONE = "America/New_York"
# a holiday is a no-op that says so
PARAMETERS = {"only_on_sessions": True}
