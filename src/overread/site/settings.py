"""Django's settings. What an operator may change stands in config.py; all else is fixed here."""

import tempfile
from pathlib import Path
from urllib.parse import unquote, urlparse

from overread.site import config, logs

PACKAGE = Path(__file__).resolve().parents[1]
DATA = config.data_dir()
OVERREAD_DEMO = config.value("OVERREAD_DEMO") == "1" or (DATA is not None and (DATA / "demo").exists())
OVERREAD_URL = config.value("OVERREAD_URL").rstrip("/")

OVERREAD_PROVIDER_NAME = config.value("OVERREAD_PROVIDER_NAME")

DEBUG = False
SECRET_KEY = config.secret("django").hex()
ALLOWED_HOSTS = ["*"] if DATA is None else ["localhost", "127.0.0.1", "[::1]", urlparse(OVERREAD_URL).hostname or ""]
CSRF_TRUSTED_ORIGINS = [OVERREAD_URL]

AREAS = [
    "overread.foundation.ui",
    "overread.foundation.tenancy",
    "overread.foundation.history",
    "overread.foundation.ledger",
    "overread.foundation.work",
    "overread.foundation.clock",
    "overread.foundation.accounts",
    "overread.foundation.clients",
    "overread.foundation.registers",
    "overread.foundation.interface",
    "overread.governance.credentials",
    "overread.governance.equipment",
    "overread.governance.inspection",
    "overread.governance.risks",
    "overread.governance.people",
    "overread.governance.policies",
    "overread.governance.training",
    "overread.governance.incidents",
    "overread.governance.complaints",
    "overread.governance.findings",
    "overread.governance.improvements",
    "overread.journey.agreement",
    "overread.journey.patient",
    "overread.journey.case",
    "overread.journey.archive",
    "overread.journey.reception",
    "overread.journey.referral",
    "overread.journey.allocation",
    "overread.journey.reading",
    "overread.journey.reporting",
    "overread.journey.escalation",
    "overread.journey.delivery",
    "overread.journey.review",
    "overread.edge.viewer",
    "overread.edge.intake",
]


def _exists(dotted: str) -> bool:
    return (PACKAGE.parent / Path(*dotted.split(".")) / "apps.py").exists()


INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    *[area for area in AREAS if _exists(area)],
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "overread.foundation.interface.middleware.ApiAnswers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "overread.foundation.accounts.middleware.SessionGuard",
    "overread.site.seating.Seating",
]

ROOT_URLCONF = "overread.site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "overread.foundation.ui.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "overread.foundation.ui.forms.Renderer"

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["overread.foundation.accounts.backends.PersonBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "overread.foundation.accounts.passwords.LongEnough"},
    {"NAME": "overread.foundation.accounts.passwords.NotKnown"},
    {"NAME": "overread.foundation.accounts.passwords.NotAboutThePerson"},
]
# Keys that close secrets of accounts at rest: the current first, then older ones that may still open.
OVERREAD_ACCOUNTS_SECRETS = (config.secret("factors"),)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "overread.foundation.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "overread.foundation.accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_TIMEOUT = 300
# The strict limits are rows (accounts/throttle.py); these are a second, looser wall in each process's memory.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,30/5m/key"}
MFA_ADAPTER = "overread.foundation.accounts.adapters.FactorAdapter"
MFA_FORMS = {"authenticate": "overread.foundation.accounts.forms.SecondStepForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Overread"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODE_DIGITS = 8
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _postgres(url: str) -> dict[str, object]:
    parts = urlparse(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;",
        },
        "TEST": {"NAME": str(path.with_name("test-" + path.name))},
    }


DATABASE_URL = config.value("DATABASE_URL")
DATABASES = {
    "default": _postgres(DATABASE_URL)
    if DATABASE_URL
    else _sqlite((DATA or Path(tempfile.gettempdir())) / "overread.sqlite3")
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = None  # files are served from the package itself
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
_TLS = OVERREAD_URL.startswith("https://")
SESSION_COOKIE_NAME = "__Host-overread" if _TLS else "overread"
SESSION_COOKIE_SECURE = _TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SECURE = _TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "overread.foundation.ui.errors.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if _TLS else 0
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# JSON lines on standard error, in which nothing of a patient can stand (site/logs.py).
LOGGING = logs.settings_for(config.value("OVERREAD_LOG_LEVEL"))

SILENCED_SYSTEM_CHECKS: list[str] = []
TASKS = {"default": {"BACKEND": "overread.foundation.work.backend.LeaseBackend"}}
