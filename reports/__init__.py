"""What is printed: texts by language, and the page, charts and exports made from the tables of a build.

Above transforms, below flows: nothing here reads the clock, asks a host, or computes a metric.
"""
