"""The one exception whose text is written for the person at the keyboard."""


class Failure(Exception):
    """Ends the local run with this one sentence and exit code 1, without a traceback."""
