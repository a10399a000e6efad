"""Which tests one process runs together."""

from xdist.scheduler import LoadFileScheduling

# Folders whose tests look at one database that was made for all of them.
TOGETHER = ("tests/demo/",)


class ByFileOrFolder(LoadFileScheduling):
    """Hands out whole files, and whole folders where a second process would only make
    once more what the first one has."""

    def _split_scope(self, nodeid: str) -> str:
        for folder in TOGETHER:
            if nodeid.startswith(folder):
                return folder
        return super()._split_scope(nodeid)
