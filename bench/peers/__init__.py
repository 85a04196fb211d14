"""The same jobs in other stream processors, each as its own documentation advises.

They import nothing of the backbone (plain Faust apart, which runs in its environment): the
schemas as files, Avro and JSON by public libraries.
"""
