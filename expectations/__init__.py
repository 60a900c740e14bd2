"""From a contract: rules, the Great Expectations suite of a batch, and the SQL that splits it."""
