"""Every setting, typed, one sentence each. Read from the environment (`SONGWRIGHT_...`), then from a TOML file.

The file is the one named by `SONGWRIGHT_CONFIG`, else `songwright.toml` in the current folder; the environment wins.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

CONFIG_FILE = "songwright.toml"
WEBHOOK_SCHEDULE_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)


class Settings(BaseSettings):
    """What an operator may change."""

    model_config = SettingsConfigDict(env_prefix="SONGWRIGHT_", extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 lets the system choose.")
    data: Path = Field(Path("data"), description="Folder for the database, the songs and the server's secrets.")
    public_url: str = Field("", description="Address that media URLs begin with; empty means the address listened on.")
    assets: Path = Field(
        Path(sys.prefix) / "share" / "songwright", description="Folder of models, voices and instruments."
    )
    egress_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Hosts or networks, comma-separated, that may be reached although they are private."
    )
    provider: str = Field("embedded", description="Who makes the songs: `embedded` or `fake`.")
    render_workers: int = Field(
        max(1, (os.cpu_count() or 2) // 2), ge=0, le=256, description="Songs made at once; each takes two cores."
    )
    render_time_limit_s: float = Field(900.0, gt=0, description="A render child that takes longer is replaced.")
    render_memory_limit_mb: int = Field(6000, ge=500, description="A render child that grows larger is replaced.")
    max_body_bytes: int = Field(1_048_576, ge=1024, description="Largest JSON body accepted.")
    requests_per_s: float = Field(100.0, gt=0, description="Requests a second that one key may send on average.")
    requests_burst: int = Field(200, ge=1, description="Requests that one key may send at once.")
    unfinished_tasks_per_key: int = Field(100, ge=1, description="Tasks that one key may have unfinished.")
    queue_limit: int = Field(
        10_000, ge=1, description="Unfinished tasks of all accounts beyond which submits are shed."
    )
    webhook_schedule_s: Annotated[tuple[float, ...], NoDecode] = Field(
        WEBHOOK_SCHEDULE_S, description="Seconds to wait before each attempt to deliver a callback."
    )
    webhook_timeout_s: float = Field(15.0, gt=0, description="How long a callback's receiver may take.")
    sign_up: Literal["open", "invited", "off"] = Field(
        "invited", description="Who may make a user: everybody, those with an invitation, nobody."
    )
    word_filter: Path | None = Field(None, description="File of words and patterns that no order may contain.")
    first_credits: int = Field(1_000, ge=0, description="Credits granted to the first account on a new data folder.")
    stripe_api_key: str = Field("", description="Secret key of Stripe; empty means that credits are not sold.")
    stripe_webhook_secret: str = Field(
        "", description="Signing secret of the Stripe endpoint `/webhooks/stripe`; required with the key."
    )
    stripe_api_base: str = Field("https://api.stripe.com", description="Address of Stripe's API.")
    credit_price: int = Field(1, ge=1, description="What a credit costs, in the currency's smallest unit.")
    credit_currency: str = Field("usd", pattern="^[a-z]{3}$", description="Currency that credits are sold in.")
    log_level: str = Field("info", description="debug, info, warning or error.")

    @field_validator("egress_allow", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("webhook_schedule_s", mode="before")
    @classmethod
    def _split_numbers(cls, value: object) -> object:
        return tuple(float(part) for part in value.split(",")) if isinstance(value, str) else value

    @property
    def base_url(self) -> str:
        """What media addresses begin with, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @classmethod
    def settings_customise_sources(  # the library passes these by name
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the TOML file."""
        path = Path(os.environ.get("SONGWRIGHT_CONFIG", CONFIG_FILE))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)
