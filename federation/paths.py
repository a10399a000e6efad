"""A branch's path in the tree: the codes from the root down, each with a slash behind
it (``370114/370114001/``), so that one prefix test means "this branch and below"."""


def codes_of(path: str) -> list[str]:
    """Return the codes of *path*, the branch's own last."""
    return path.rstrip("/").split("/")


def lineage_of(path: str) -> list[str]:
    """Return the paths of the branches from the root down to *path* itself."""
    codes = codes_of(path)
    return ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
