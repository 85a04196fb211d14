"""Boston 311: the city's published case file, imported; shows a foreign 311 export."""
