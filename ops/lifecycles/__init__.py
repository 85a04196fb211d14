"""The lifecycles of cases, drawn and described from their tables."""
