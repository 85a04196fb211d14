"""What pushing sources share: a secret in the settings, and the check of the signature."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.manifest import WebhookReply
from core.webhook_signature import key_of
from core.webhook_signature import verify as fits


class SignedWebhook(BaseSettings):
    """Settings of a source that pushes signed bodies."""

    model_config = SettingsConfigDict(
        frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True
    )

    secret: SecretStr = SecretStr("")
    """Webhook secret `whsec_<base64 of 24 to 64 bytes>`; two, with a blank between, while it is
    being changed.  Without one every call is refused."""

    @field_validator("secret")
    @classmethod
    def _readable(cls, secret: SecretStr) -> SecretStr:
        for one in secret.get_secret_value().split():
            key_of(one)
        return secret

    def keys(self) -> tuple[bytes, ...]:
        """The keys that a signature may be made with."""
        return tuple(key_of(one) for one in self.secret.get_secret_value().split())


def verify(
    settings: SignedWebhook, headers: Mapping[str, str], body: bytes, now: int
) -> WebhookReply:
    """Whether the pushed body was signed by the source just now."""
    return fits(settings.keys(), headers, body, now)
