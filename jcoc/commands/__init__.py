"""One file per command, each with a `command`; `jcoc/main.py` finds them."""
