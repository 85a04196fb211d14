"""The demonstration: a simulated day through every real part, held against its own truth."""
