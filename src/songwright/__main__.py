"""`python -m songwright` is the command line."""

from songwright.cli import main

if __name__ == "__main__":
    main()
