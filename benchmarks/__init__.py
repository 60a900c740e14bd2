"""What the pipeline costs, measured beside pandas and polars doing the same."""
