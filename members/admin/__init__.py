"""The register's pages, one module for each thing the office keeps."""

from members.admin import elections, honours, people, posts, terms  # noqa: F401
