"""
All settings, read from the environment or `.env`; `.env.example` explains them.

Sections: paths, security, apps, middleware, templates, database and cache,
messages, accounts, language and time, static and media, admin, REST, Celery, logging.
"""

import os
from datetime import timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

env = environ.Env()

# Paths ------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_env(os.environ.get("ENV_FILE") or BASE_DIR / ".env")

# Everything the site writes by itself: SQLite, photos, the embedded broker.
VAR_DIR = BASE_DIR / env("VAR_DIR", default="var")
VAR_DIR.mkdir(parents=True, exist_ok=True)

# Security ---------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "缺少环境变量 SECRET_KEY：请在 .env 中填写一个长随机字符串后再启动。"
            " / SECRET_KEY is not set: put a long random string in the environment"
            " or in .env (see .env.example), then start again."
        )
    SECRET_KEY = "insecure-key-for-a-demo-on-one-machine-only"  # noqa: S105

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# How many reverse proxies of ours stand in front: whose X-Forwarded-For to trust.
NUM_PROXIES = env.int("NUM_PROXIES", default=0)
if proxy_header := env.list("SECURE_PROXY_SSL_HEADER", default=[]):
    SECURE_PROXY_SSL_HEADER = tuple(proxy_header)

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
# The load balancer asks over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG else 31536000)
SESSION_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=not DEBUG)
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "federation.lost_session.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
# Unfold's Alpine evaluates expressions and sets inline styles. The middleware in
# config/csp.py sends this below /admin/ and nowhere else.
ADMIN_CSP_DIRECTIVES = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
}

# Nine photos come one by one, each at most 10 MB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2621440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Apps -------------------------------------------------------------------------

LOCAL_APPS = ["federation", "rollups", "members", "families", "activities"]
INSTALLED_APPS = [
    # Unfold's templates must be found before those of the admin.
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "auditlog",
    "axes",
    "csp",
    "django_htmx",
    *LOCAL_APPS,
]

# Middleware -------------------------------------------------------------------

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.csp.SiteCSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.private_answers.PrivateAnswersMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "federation.middleware.PasswordChangeMiddleware",
    # A form that arrives without a login is kept until she has logged in again.
    "federation.lost_session.LostSessionMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.audit.SiteAuditlogMiddleware",
    "rollups.middleware.IndicatorsMiddleware",
    # Last: it answers for a login that another middleware let through.
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# Templates --------------------------------------------------------------------

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    }
]

# Database and cache -----------------------------------------------------------

# No ATOMIC_REQUESTS: a long request would hold SQLite's only write lock.
DATABASES = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: a transaction that reads first and writes later would
        # otherwise fail with "database is locked" without waiting.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "config.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "site",
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Messages ---------------------------------------------------------------------

# The address in links of messages, which no request tells.
SITE_URL = env("SITE_URL", default="").rstrip("/") or (
    f"http://127.0.0.1:{env('PORT', default='8000')}"
    if DEBUG
    else f"https://{(ALLOWED_HOSTS or ['localhost'])[0].lstrip('.')}"
)
# Without EMAIL_URL a demo prints its letters, and production writes none.
vars().update(
    env.email("EMAIL_URL", default="consolemail://" if DEBUG else "dummymail://")
)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="webmaster@localhost")
# A class with send(recipient, text); rollups/reminders/channels.py says more.
SMS_BACKEND = env("SMS_BACKEND", default="")

# Accounts ---------------------------------------------------------------------

AUTH_USER_MODEL = "federation.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "federation.auth.ScopeBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/admin/"
LOGOUT_REDIRECT_URL = "/"

# Name and address together: an office of forty shares one address, and a
# stranger must not be able to lock a name out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "federation/locked_out.html"
AXES_COOLOFF_MESSAGE = "密码错误次数过多，请 15 分钟后再试，或请上级管理员重置密码。"
AXES_CLIENT_IP_CALLABLE = "config.client_address.client_address"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Imports and exports of personal data ask for a permission of their own.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_USE_TRANSACTIONS = True

# What the audit log says of a masked field: nothing of its value. A name of a request
# that the client chooses has no place in it either.
AUDITLOG_MASK_CALLABLE = "federation.redaction.masked"
AUDITLOG_CID_HEADER = None

# Language and time ------------------------------------------------------------

# No LocaleMiddleware: an English browser would get a half-English admin.
LANGUAGE_CODE = "zh-hans"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Static and media -------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / env("STATIC_ROOT", default=str(VAR_DIR / "static"))
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.is_dir()]
# With DEBUG on, files are served from where they lie, without collectstatic.
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# Photos have no public address: a view asks for the permission first.
MEDIA_ROOT = BASE_DIR / env("MEDIA_ROOT", default=str(VAR_DIR / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Admin ------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "章丘数智妇联",
    "SITE_HEADER": "章丘数智妇联",
    "SITE_URL": "/",
    "SITE_SYMBOL": "local_florist",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("img/icon.svg"),
        }
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        # 胭脂: the one strong colour of the public pages (#a32a46) is 600.
        "primary": {
            "50": "#fdf3f4",
            "100": "#fbe6e9",
            "200": "#f6cfd6",
            "300": "#eeaab7",
            "400": "#e17b90",
            "500": "#cd4f6b",
            "600": "#a32a46",
            "700": "#8a213a",
            "800": "#741e34",
            "900": "#641d31",
            "950": "#380b17",
        },
    },
    "STYLES": [lambda request: static("css/admin.css")],
    "LOGIN": {"form": "federation.login.LoginForm"},
    "DASHBOARD_CALLBACK": "federation.first_page.with_panels",
    "SIDEBAR": {"show_search": True, "show_all_applications": False},
    "SITE_DROPDOWN": [
        {"icon": "home", "title": "网站首页", "link": "/"},
        {"icon": "calendar_month", "title": "活动日历", "link": "/calendar/"},
        {"icon": "table_chart", "title": "每月汇总", "link": "/rollups/"},
    ],
}

# REST -------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # First, so that whoever is not known gets 401 and not 403.
        "federation.tokens.NotedTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticatedOrReadOnly"
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "config.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env("API_RATE_ANON", default="600/hour"),
        "user": env("API_RATE_USER", default="6000/hour"),
    },
    "NUM_PROXIES": NUM_PROXIES,
    "EXCEPTION_HANDLER": "federation.scoped_api.answer_exception",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "章丘数智妇联 API",
    "DESCRIPTION": "活动、组织、项目与汇总数据。",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ActivityKind": "activities.models.choices.Kind",
        "BranchKind": "federation.models.branches.Kind",
    },
    # No CDN: the page's files come from the sidecar package.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# Celery -----------------------------------------------------------------------

CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_EAGER_RESULT = False
CELERY_RESULT_BACKEND = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # an outage may last the night
# Messages are doorbells: a task that runs when the broker goes may finish.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# A doorbell that cannot ring gives up at once: the mark is in the database and
# the beat comes within a minute.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 1
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_connect_timeout": 1,
        "socket_timeout": 2,
        "max_retries": 0,
        "interval_start": 0,
        "visibility_timeout": 3600,
    }
else:
    CELERY_BROKER_URL = "filesystem://localhost"
    QUEUE_DIR = VAR_DIR / "queue"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # One folder for in and out: web, worker and beat share these settings.
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "polling_interval": 0.5,
    }
    for folder in ("messages", "control"):
        (QUEUE_DIR / folder).mkdir(parents=True, exist_ok=True)

CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
DRAIN_SECONDS = env.float("DRAIN_SECONDS", default=60)
CELERY_BEAT_SCHEDULE = {
    # The doorbell rings on commit; this hears what a dead broker swallowed.
    "drain the marks every minute": {
        "task": "rollups.tasks.drain_marks",
        "schedule": DRAIN_SECONDS,
        "options": {"expires": DRAIN_SECONDS},
    },
    "heartbeat": {
        "task": "federation.tasks.beat_heartbeat",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # The bell rings when an import is confirmed; this hears what was lost.
    "write the imports that wait": {
        "task": "federation.tasks.carry_out_imports",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # 00:05: the month opens before the first clerk is awake.
    "open the month": {
        "task": "rollups.tasks.open_current_month",
        "schedule": crontab(hour=0, minute=5),
    },
    # In working hours; on most days there is nothing to send.
    "remind of the month's reporting": {
        "task": "rollups.tasks.remind",
        "schedule": crontab(hour="9-16", minute="10,40"),
        "options": {"expires": 1200},
    },
    # Ten past each hour, so 00:10: opened for one branch until yesterday.
    "close the months whose openings expired": {
        "task": "rollups.tasks.close_expired_openings",
        "schedule": crontab(minute=10),
    },
    # They go in with the reopening; this finds what died in the middle of it.
    "enter the corrections whose month is open": {
        "task": "rollups.tasks.enter_corrections",
        "schedule": crontab(minute="*/10"),
    },
    # 03:10: nobody works, and backups at the full hour are over.
    "reconcile the open months nightly": {
        "task": "rollups.tasks.reconcile_open_months",
        "schedule": crontab(hour=3, minute=10),
    },
    # 03:40: forms that were never sent again lie in them.
    "forget the sessions that ended": {
        "task": "federation.tasks.forget_ended_sessions",
        "schedule": crontab(hour=3, minute=40),
    },
    "forget what can no longer be undone": {
        "task": "federation.tasks.forget_old_journals",
        "schedule": crontab(hour=3, minute=45),
    },
    "forget what imports held": {
        "task": "federation.tasks.forget_imports",
        "schedule": crontab(hour=3, minute=46),
    },
    # 03:50: phones past their date, candidates who were not elected.
    "purge personal data": {
        "task": "members.tasks.purge_personal_data",
        "schedule": crontab(hour=3, minute=50),
    },
    # 03:52: phones of households that left a year ago.
    "purge the phones of households": {
        "task": "families.tasks.purge_personal_data",
        "schedule": crontab(hour=3, minute=52),
    },
}

# Logging ----------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO")},
    # Django's own handler would say each line a second time.
    "loggers": {"django": {"handlers": [], "level": "INFO"}},
}
