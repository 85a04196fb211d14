"""`python -m jcoc`."""

from jcoc.main import main

if __name__ == "__main__":
    main()
