"""The program as people start it: `davproxy COMMAND` or `python -m davproxy COMMAND`."""

from davproxy.commands import main

if __name__ == "__main__":
    main()
