"""Each SQL model on small tables worked by hand."""
