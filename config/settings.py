"""All settings in one file; each value is read from the environment where it is used.

While ``DATABASE_URL``, ``CELERY_BROKER_URL`` or ``EMAIL_URL`` is unset, an embedded program in
``var/`` serves.
Bad combinations are system checks (``config/checks.py``) with an id and a hint.
"""

from datetime import timedelta
from pathlib import Path

import environ
import structlog
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from common.email_url import email_settings, mail_service
from common.embedded.postgres import Cluster
from common.embedded.valkey import socket_url
from common.keys import development_keys
from common.logs import without_personal_data

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env("CLIENTELA_VAR", default=str(BASE_DIR / "var")))

# A server of one's own means that other people's data are in it.
PRODUCTION = env.bool("PRODUCTION", default=bool(env("DATABASE_URL", default="")))
DEBUG = env.bool("DEBUG", default=False)

# Four keys, so that one can be changed without breaking what another protects.
KEYS = {} if PRODUCTION else development_keys(VAR)
SECRET_KEY = env("SECRET_KEY", default=KEYS.get("SECRET_KEY", ""))
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SIGNING_KEY = env("SIGNING_KEY", default=KEYS.get("SIGNING_KEY", ""))
HASHING_KEY = env("HASHING_KEY", default=KEYS.get("HASHING_KEY", ""))
SEALING_KEY = env("SEALING_KEY", default=KEYS.get("SEALING_KEY", ""))

ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Where links in messages point to.
PUBLIC_URL = env("PUBLIC_URL", default="" if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    # Ours before Unfold, so that our templates win.
    "config.apps.ConfigConfig",
    "loyalty",
    "campaigns",
    "segments",
    "consent",
    "customers",
    "common",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "config.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "csp",
    "anymail",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "common.middleware.UserLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
# A public address must answer as it stands: RFC 8058 forbids a redirect.
APPEND_SLASH = False

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
            ],
        },
    }
]

# Database

# Starts at the first connection, and not at all when another server is named.
EMBEDDED_POSTGRES = Cluster(VAR / "pg")
if env("DATABASE_URL", default=""):
    DATABASES = {"default": env.db("DATABASE_URL")}
    DATABASES["default"]["CONN_MAX_AGE"] = 60
else:
    DATABASES = {"default": EMBEDDED_POSTGRES.django_database("clientela")}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Of common.statements alone; Django's own are never prepared. A plan is made once and not for each
# value: to plan such a statement takes ten times as long as to run it. PgBouncer would need 1.21
# and ignore_startup_parameters.
if env.bool("PREPARED_STATEMENTS", default=True):
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        prepare_threshold=0, options="-c plan_cache_mode=force_generic_plan"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People and languages

AUTH_USER_MODEL = "common.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["common.access.sessions.Backend"]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("pt-br", _("Portuguese (Brazil)"))]
# What other packages say stands apart: makemessages drops what our sources do not say.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "others"]
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True

# The shop

SHOP_NAME = env("SHOP_NAME", default="Clientela")
# On pages for customers: a file (SVG, PNG, JPEG or WebP), and the colour of buttons and links.
SHOP_LOGO = env("SHOP_LOGO", default="")
SHOP_COLOR = env("SHOP_COLOR", default="#0f766e")
SHOP_COLOR_DARK = env("SHOP_COLOR_DARK", default="#2dd4bf")
SHOP_TIME_ZONE = env("SHOP_TIME_ZONE", default="America/Sao_Paulo")
# Pages show the shop's time; the database keeps UTC.
TIME_ZONE = SHOP_TIME_ZONE
SHOP_COUNTRY = env("SHOP_COUNTRY", default="BR")
CURRENCY = env("CURRENCY", default="BRL")
# Told to every recipient who asks why: who carries the mail, and whom to talk to about their data.
MAIL_PROVIDER = env("MAIL_PROVIDER", default="")
MAIL_PROVIDER_COUNTRY = env("MAIL_PROVIDER_COUNTRY", default="")
# To which people write back; without a number nothing is offered that needs one.
TEXT_NUMBERS = {
    "sms": env("SMS_NUMBER", default=""),
    "whatsapp": env("WHATSAPP_NUMBER", default=""),
}
# What takes our short texts to phones: an address of the shop's own that takes JSON.
TEXT_GATEWAYS = {
    "sms": env("SMS_GATEWAY_URL", default=""),
    "whatsapp": env("WHATSAPP_GATEWAY_URL", default=""),
}
CART_ABANDONED_AFTER = timedelta(hours=env.int("CART_ABANDONED_AFTER_HOURS", default=24))

# The back office

UNFOLD = {
    "SITE_TITLE": SHOP_NAME,
    "SITE_HEADER": SHOP_NAME,
    "SITE_SYMBOL": "loyalty",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("common/clientela.svg"),
        }
    ],
    "ENVIRONMENT": "config.navigation.environment",
    "DASHBOARD_CALLBACK": "config.dashboard.show",
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": reverse_lazy("choose_language")},
    "SHOW_BACK_BUTTON": True,
    "ACCOUNT": {
        "navigation": [
            {"title": _("Second factor"), "link": reverse_lazy("admin:second_factor")},
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
        ]
    },
    "STYLES": [lambda _request: static("common/clientela.css")],
    "SCRIPTS": [lambda _request: static("common/focus.js")],
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "config.navigation.sidebar",
    },
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% .014 180.7)",
            "100": "oklch(95.3% .051 180.8)",
            "200": "oklch(91% .096 180.4)",
            "300": "oklch(85.5% .138 181.1)",
            "400": "oklch(77.7% .152 181.9)",
            "500": "oklch(70.4% .14 182.5)",
            "600": "oklch(51.1% .096 186.4)",
            "700": "oklch(43.7% .078 188.2)",
            "800": "oklch(38.6% .063 188.4)",
            "900": "oklch(33% .05 188.4)",
            "950": "oklch(27.7% .046 192.5)",
        }
    },
}

# Files

STATIC_URL = "/static/"
# Filled by collectstatic; elsewhere the files are served from where they are.
STATIC_ROOT = VAR / "static" if PRODUCTION else None
PRIVATE_ROOT = VAR / "private"
# Not among the backups: who was erased is erased again after a restore.
ERASURE_LOG = Path(env("ERASURE_LOG", default=str(VAR / "erasures.log")))
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Above this size an upload goes to a file and never through memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
# The largest file that can be brought in, also out of a zip: some twenty million rows.
IMPORT_LARGEST_BYTES = env.int("IMPORT_LARGEST_MB", default=2048) << 20

# Celery: only the bell; rows in the database are the queue of record.

CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="") or socket_url(VAR)
# The visibility timeout stands above every task's time limit: below it a task would start twice.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 600, "unacked_restore_interval": 5, "unacked_restore_throttle": 1}
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TIME_LIMIT = 540
CELERY_TASK_SOFT_TIME_LIMIT = 500
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = SHOP_TIME_ZONE
DJANGO_CELERY_BEAT_TZ_AWARE = True

# E-mail: the local catcher listens where mail_catcher says, its messages open under /mail/.

EMAIL_URL = env("EMAIL_URL", default="")
MAIL_CATCHER = VAR / "mail"
if EMAIL_URL:
    vars().update(email_settings(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = "127.0.0.1", env.int("MAIL_CATCHER_PORT", default=8025)
EMAIL_TIMEOUT = 30
# What the mail service signs in with, as "name:password", when it tells us what became of our mail
# at /anymail/<service>/tracking/; unset, nobody is heard there.
MAIL_SERVICE = mail_service(EMAIL_URL)
ANYMAIL_WEBHOOK_SECRET = env("ANYMAIL_WEBHOOK_SECRET", default="")
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default=f"{SHOP_NAME} <shop@clientela.example>")
# The person in charge of data protection (LGPD art. 41: encarregado), as "Name <address>".
DATA_PROTECTION_OFFICER = env("DATA_PROTECTION_OFFICER", default=DEFAULT_FROM_EMAIL)

# Webhooks: https to the public internet, and what a shop opens on purpose beside it.

WEBHOOK_ALLOW_HTTP = env.bool("WEBHOOK_ALLOW_HTTP", default=False)
WEBHOOK_INNER_NETWORKS = env.list("WEBHOOK_INNER_NETWORKS", default=[])
WEBHOOK_PORTS = env.list("WEBHOOK_PORTS", cast=int, default=[443, 8443])

# Security

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
# Mailbox providers, mail services and health probes may not be redirected.
SECURE_REDIRECT_EXEMPT = [r"^u/", r"^anymail/", r"^health/"]
# How many proxies of our own stand in front: as many addresses of X-Forwarded-For are true.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_AGE = 12 * 3600
# How many of our own proxies stand before the web: without them their header is anybody's word.
PROXIES = env.int("PROXIES", default=0)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Unfold's Alpine evaluates expressions and its colours stand in one inline style.
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["common.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["common.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["common.throttling.ApiKeyThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.parsers.BoundedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["common.filtering.KnownFilters"],
    "DEFAULT_PAGINATION_CLASS": "common.pagination.Pages",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "common.exceptions.refuse",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Clientela",
    "DESCRIPTION": "Customers, consent, segments, offers and points of one shop.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # The description holds nothing secret, and whoever writes a client has no key yet.
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "Act": "consent.enums.Act",
        "Channel": "consent.enums.Channel",
        "ChannelToConfirm": "consent.serializers.opt_ins.CHANNELS",
        "PhoneChannel": "consent.serializers.opt_ins.PHONES",
        "Category": "customers.enums.Category",
        "TopicKind": "consent.enums.TopicKind",
        "RequestKind": "consent.enums.RequestKind",
        "ImportState": "customers.enums.ImportState",
        "TraitType": "segments.enums.TraitType",
        "Handpicked": "segments.enums.Handpicked",
    },
    "PATH_CONVERTER_OVERRIDES": {
        "shop_name": {"type": "string", "minLength": 1, "maxLength": 64},
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "common.schema.describe_hot_views",
        "common.schema.describe_refusals",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Logs: events and ids, never names, addresses or codes.

# What every line tells, whether a library of ours or of others writes it.
LOG_CONTEXT: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso" if PRODUCTION else "%H:%M:%S", utc=True),
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.format_exc_info,
    without_personal_data,
]
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": LOG_CONTEXT,
            "processor": structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0),
        },
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": LOG_CONTEXT,
            "processor": structlog.processors.JSONRenderer(),
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if PRODUCTION else "lines",
        }
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    # The mail catcher's library logs every address.
    "loggers": {
        # Every few seconds a task looks whether there is work: a log of that hides all else.
        **{
            f"celery.{name}": {"level": "WARNING"}
            for name in ("app.trace", "beat", "worker.request", "worker.strategy")
        },
        "django_structlog": {"level": "WARNING"},
        "mail.log": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *LOG_CONTEXT,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
)

# Whether a domain enters the browsers' preload list is for its owner to say, not for one program.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
