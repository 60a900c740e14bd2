"""When the daily flow runs: two hours after the close of New York."""

CRON = "30 18 * * 1-5"
TIMEZONE = "America/New_York"
