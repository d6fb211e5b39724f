"""The claims domain for Power BI: a project of a semantic model, a report and the data they read."""

from lakeward.publish.powerbi.project import WrittenProject, write_project

__all__ = ["WrittenProject", "write_project"]
