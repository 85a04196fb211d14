"""What can be set: nothing, a file is all that it needs."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """No settings."""

    model_config = SettingsConfigDict(
        env_prefix="JCOC_GLASGOW_COUNTS__", frozen=True, use_attribute_docstrings=True
    )
