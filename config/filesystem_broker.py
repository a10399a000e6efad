"""The embedded broker: kombu's own, with messages that are whole when they appear.

Kombu writes a message under its final name; the worker, which asks for no lock, then
sometimes takes an empty file and dies of it. A rename shows the whole file or none.
"""

import os
import uuid
from time import monotonic

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue, payload, **kwargs):
        # The worker takes the names that end in `.<queue>.msg`, oldest first.
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        path = os.path.join(self.data_folder_out, name)
        try:
            with open(f"{path}.part", "wb") as part:
                part.write(str_to_bytes(dumps(payload)))
            os.rename(f"{path}.part", path)
        except OSError as error:
            raise ChannelError(f"cannot add {path!r} to the queue") from error


class Transport(filesystem.Transport):
    Channel = Channel
