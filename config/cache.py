"""A cache that may be away without anybody noticing."""

import logging

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """
    Answer like an empty cache while Redis is away.

    Only throttling and page fragments live here, so a lost cache costs time and
    no truth; an error page for every reader would cost more.
    """

    def get(self, key, default=None, version=None):
        return self._try(super().get, default, key, default, version)

    def get_many(self, keys, version=None):
        return self._try(super().get_many, {}, keys, version)

    def add(self, key, value, *args, **kwargs):
        return self._try(super().add, False, key, value, *args, **kwargs)

    def set(self, key, value, *args, **kwargs):
        return self._try(super().set, None, key, value, *args, **kwargs)

    def set_many(self, data, *args, **kwargs):
        return self._try(super().set_many, list(data), data, *args, **kwargs)

    def touch(self, key, *args, **kwargs):
        return self._try(super().touch, False, key, *args, **kwargs)

    def delete(self, key, version=None):
        return self._try(super().delete, False, key, version)

    def delete_many(self, keys, version=None):
        return self._try(super().delete_many, None, keys, version)

    def has_key(self, key, version=None):
        return self._try(super().has_key, False, key, version)

    @staticmethod
    def _try(method, fallback, *args, **kwargs):
        try:
            return method(*args, **kwargs)
        except RedisError as error:
            logger.warning("Cache unavailable: %s", error)
            return fallback
