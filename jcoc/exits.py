"""How a command ends when it cannot go on: the exit codes scripts rely on.

0 good, 1 a bad result, 2 wrong use or configuration, 3 the world is away.
"""

from __future__ import annotations

import click


class BadResult(click.ClickException):
    """The command ran, and what it found is not as it should be (exit 1)."""

    exit_code = 1


class Misconfigured(click.ClickException):
    """A setting is wrong or missing; the message names it (exit 2)."""

    exit_code = 2


class Away(click.ClickException):
    """A broker, registry or source does not answer; the message says what to do (exit 3)."""

    exit_code = 3
