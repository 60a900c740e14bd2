"""The figures of an article, found by rules in English and Chinese: a claims file for a person to mend."""
