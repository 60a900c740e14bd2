"""What holds of any market, and of another computation of the same."""
