"""Cases of a whole city: their throughput, restoring them, and recomputing a year of them."""
