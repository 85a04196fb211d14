"""Generated boards and rules, and the configuration of what surrounds the backbone."""
