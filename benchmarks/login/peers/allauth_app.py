"""django-allauth, headless, as its documentation has it, without its rate limits: they would refuse us.

`DATABASE` is a DSN; `OURS` set: Argon2id with Newsreel's parameters.
`python -m allauth_app COUNT PASSWORD` makes the accounts.
"""

import os
import sys
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

database = urlsplit(os.environ["DATABASE"])
own = {"PASSWORD_HASHERS": ["newsreel_hasher.Ours"]} if os.environ.get("OURS") else {}
settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="a-secret-of-the-benchmark-of-enough-bytes",  # noqa: S106 (a benchmark's)
    ROOT_URLCONF="allauth_urls",
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database.path[1:],
            "HOST": database.hostname,
            "PORT": database.port,
            "USER": database.username,
            "PASSWORD": database.password,
            "CONN_MAX_AGE": None,
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "allauth",
        "allauth.account",
        "allauth.headless",
    ],
    MIDDLEWARE=[
        "django.middleware.common.CommonMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    ACCOUNT_LOGIN_METHODS={"email"},
    ACCOUNT_SIGNUP_FIELDS=["email*", "password1*"],
    ACCOUNT_RATE_LIMITS=False,
    HEADLESS_ONLY=True,
    HEADLESS_FRONTEND_URLS={},
    **own,
)


def make(count: int, password: str) -> None:
    django.setup()
    from allauth.account.models import EmailAddress
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    hashed = make_password(password)
    people = User.objects.bulk_create(
        User(username=f"p{number}", email=f"p{number}@example.org", password=hashed)
        for number in range(count)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people
    )


if __name__ == "__main__":
    make(int(sys.argv[1]), sys.argv[2])
else:
    application = get_wsgi_application()
