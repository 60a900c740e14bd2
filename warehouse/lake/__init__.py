"""Facts in immutable Parquet files: manifest, commits, views, history, quarantine. Nothing here knows where rows come from."""
