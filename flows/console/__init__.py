"""What commands share: context, reporter, progress. No work is done here."""
