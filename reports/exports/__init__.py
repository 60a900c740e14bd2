"""What stands beside the page for machines and spreadsheets: JSON with a schema, CSV, Parquet, a workbook."""
