"""The site's own settings, with what makes tests fast and harmless."""

import atexit
import os
import tempfile

os.environ["ENV_FILE"] = os.devnull  # somebody's .env must not decide a test
os.environ["DEBUG"] = "1"
var_folder = tempfile.TemporaryDirectory(prefix="site-tests-")
atexit.register(var_folder.cleanup)
os.environ["VAR_DIR"] = var_folder.name
# All tests come from one address; the throttle's own test sets its own rate.
os.environ["API_RATE_ANON"] = os.environ["API_RATE_USER"] = "100000/hour"
if redis_url := os.environ.get("REDIS_URL"):
    # One Redis database for each pytest-xdist process: gw0 has 0, gw1 has 1.
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.environ["REDIS_URL"] = f"{redis_url.rpartition('/')[0]}/{number}"

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
