"""The embedded engine as a provider: every song is rendered in a supervised child process, never in the server."""

from songwright.providers.embedded.pool import RenderPool
from songwright.providers.embedded.provider import EmbeddedProvider

__all__ = ["EmbeddedProvider", "RenderPool"]
