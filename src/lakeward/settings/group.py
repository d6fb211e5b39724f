"""The base of every group of settings."""

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """Base of every group of settings: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
