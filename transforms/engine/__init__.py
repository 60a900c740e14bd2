"""What orders, runs, checks and caches the SQL models. No metric is defined here."""
