"""The site's own settings, with what makes tests fast and harmless."""

import os
import tempfile

os.environ["ENV_FILE"] = os.devnull  # somebody's .env must not decide a test
os.environ["DEBUG"] = "1"
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="site-tests-"))

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
