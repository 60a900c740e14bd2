"""When the flows run by themselves, for `serve` and `deploy` alike: all times are New York's."""

TIMEZONE = "America/New_York"
# two hours after the close, Monday to Friday
CRON = "30 18 * * 1-5"
# a holiday is a no-op that says so
PARAMETERS = {"only_on_sessions": True}
# Sunday morning, when nobody fetches
WEEKLY_CRON = "0 6 * * 0"
