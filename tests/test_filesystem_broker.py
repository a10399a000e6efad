"""The embedded broker never shows half a message."""

import os

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

import config.celery  # noqa: F401  names the transport


@pytest.fixture
def channel(tmp_path):
    folder = tmp_path / "queue"
    folder.mkdir()
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(tmp_path / "control"),
    }
    with Connection("filesystem://", transport_options=options) as connection:
        yield connection.channel()


def test_a_message_put_is_the_message_taken(channel):
    channel._put("celery", {"body": "到十一月的汇总"})
    assert channel._get("celery") == {"body": "到十一月的汇总"}


def test_a_message_appears_under_its_name_only_when_it_is_whole(channel, monkeypatch):
    seen = []

    def rename(part, path):
        names = os.listdir(channel.data_folder_in)
        seen.append([name for name in names if name.endswith(".celery.msg")])
        assert os.path.getsize(part) > 0
        os.replace(part, path)

    monkeypatch.setattr("config.filesystem_broker.os.rename", rename)
    channel._put("celery", {"body": 1})

    assert seen == [[]]
    assert channel._size("celery") == 1


def test_a_folder_that_is_gone_is_a_channel_error(channel):
    os.rmdir(channel.data_folder_in)
    with pytest.raises(ChannelError):
        channel._put("celery", {"body": 1})
