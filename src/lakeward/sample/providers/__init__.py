"""The made-up provider registry as CMS publishes NPPES: month, weeks, companion files, deactivations; any size."""

from lakeward.sample.providers.volume import RegistryFile, generate_registry

__all__ = ["RegistryFile", "generate_registry"]
