"""What was done and what was asked: the journal of runs and the ledger of attempts. No market data."""
