"""Where the GeoReport v2 endpoint is and how it is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import AwareDatetime, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

WINDOW = timedelta(days=90)
"""Longest span of one query: GeoReport servers may cut a longer one without a word."""


class Settings(BaseSettings):
    """One GeoReport v2 endpoint."""

    model_config = SettingsConfigDict(
        env_prefix="JCOC_OPEN311__", frozen=True, use_attribute_docstrings=True
    )

    url: str = ""
    """Root of the API, e.g. `https://city.example/open311/v2`; `requests.json` is added to it."""
    jurisdiction_id: str = ""
    """The city, where one endpoint serves several; also becomes part of the case ids."""
    api_key: SecretStr = SecretStr("")
    """API key, if the city asks for one."""
    format: Literal["json", "xml"] = "json"
    """What to ask for; both are read."""
    by: Literal["updated", "requested"] = "updated"
    """`updated` asks with `updated_after` and `updated_before`, an extension that most servers
    have.  `requested` asks with `start_date` and `end_date` for all requests of the last
    `lookback`, because plain GeoReport v2 does not tell which ones changed."""
    start: AwareDatetime | None = None
    """From when to read at the first start, with offset; without it, `lookback` before now."""
    lookback: timedelta = WINDOW
    """How far back to read at the first start, and each time when asking by `requested`."""
    overlap: timedelta = timedelta(hours=1)
    """How far before the cursor to read again, for servers that show changes late.  A request
    that is read twice counts once."""
    window: timedelta = Field(default=WINDOW, gt=timedelta(0), le=WINDOW)
    """Longest span of one query, at most 90 days."""
    page_size: int = Field(default=100, ge=1, le=1000)
    """Requests of a page, where the server has pages."""
    interval: float = Field(default=300.0, gt=0)
    """Seconds between two passes."""
    timeout: float = Field(default=30.0, gt=0)
    """Seconds for one answer."""
