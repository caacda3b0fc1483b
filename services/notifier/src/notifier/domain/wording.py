# ruff: noqa: RUF001 (Ukrainian letters and typographic apostrophes are meant)
"""What the mails say, in each language. Nothing that a person typed ever enters them.

A text is paragraphs with blank lines between. `{code}` and a `{portal}` path stand alone in theirs: the one
is shown large, the other is a link.
"""

from dataclasses import dataclass

from notifier.domain.mail import Kind, Locale

CODE = "{code}"
PORTAL = "{portal}"


@dataclass(frozen=True)
class Text:
    """A mail's subject (never the code) and its body."""

    subject: str
    body: str

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The body's paragraphs, each on one line."""
        return tuple(" ".join(one.split()) for one in self.body.split("\n\n"))


_ENGLISH: dict[Kind, Text] = {
    "signup_code": Text(
        "Confirm your address for Newsreel",
        """
Hello,

someone, probably you, is opening a Newsreel account with this address. To confirm it, type this
code on the page that asked for it:

{code}

The code is good for 30 minutes and works only in the browser that asked for it.

If it was not you, ignore this mail: without the code nothing happens. Never tell the code to
anyone; we do not ask for it by telephone or mail.
""",
    ),
    "reset_code": Text(
        "Set a new password for Newsreel",
        """
Hello,

someone, probably you, wants to set a new password for your Newsreel account. Type this code on the
page that asked for it:

{code}

The code is good for 30 minutes and works only in the browser that asked for it.

If it was not you, ignore this mail: your password stays as it is. Never tell the code to anyone; we
do not ask for it by telephone or mail.
""",
    ),
    "address_taken": Text(
        "You already have a Newsreel account",
        """
Hello,

someone, probably you, tried to open a Newsreel account with this address. You have one already;
nothing about it was changed.

Sign in here:

{portal}/sign-in

If you do not remember the password, set a new one:

{portal}/forgot

If it was not you, you need do nothing.
""",
    ),
    "no_account": Text(
        "There is no Newsreel account for this address",
        """
Hello,

someone, probably you, asked for a new Newsreel password for this address. There is no account with
it; perhaps you used another address.

You can open an account here:

{portal}/register

If it was not you, you need do nothing.
""",
    ),
    "password_changed": Text(
        "Your Newsreel password was changed",
        """
Hello,

the password of your Newsreel account was just changed, and every device was signed out.

If it was you, you need do nothing.

If it was not you, someone can read your mail: change the password of your mailbox first, then set a
new one for Newsreel here:

{portal}/forgot
""",
    ),
}

_FRENCH: dict[Kind, Text] = {
    "signup_code": Text(
        "Confirmez votre adresse pour Newsreel",
        """
Bonjour,

quelqu’un, sans doute vous, ouvre un compte Newsreel avec cette adresse. Pour la confirmer,
saisissez ce code sur la page qui le demande :

{code}

Le code est valable 30 minutes et ne fonctionne que dans le navigateur qui l’a demandé.

Si ce n’est pas vous, ignorez ce message : sans le code, rien ne se passe. Ne communiquez ce code à
personne ; nous ne le demandons ni par téléphone ni par courriel.
""",
    ),
    "reset_code": Text(
        "Choisissez un nouveau mot de passe pour Newsreel",
        """
Bonjour,

quelqu’un, sans doute vous, veut choisir un nouveau mot de passe pour votre compte Newsreel.
Saisissez ce code sur la page qui le demande :

{code}

Le code est valable 30 minutes et ne fonctionne que dans le navigateur qui l’a demandé.

Si ce n’est pas vous, ignorez ce message : votre mot de passe reste inchangé. Ne communiquez ce code
à personne ; nous ne le demandons ni par téléphone ni par courriel.
""",
    ),
    "address_taken": Text(
        "Vous avez déjà un compte Newsreel",
        """
Bonjour,

quelqu’un, sans doute vous, a voulu ouvrir un compte Newsreel avec cette adresse. Vous en avez déjà
un ; rien n’y a été changé.

Connectez-vous ici :

{portal}/sign-in

Si vous avez oublié le mot de passe, choisissez-en un nouveau :

{portal}/forgot

Si ce n’est pas vous, vous n’avez rien à faire.
""",
    ),
    "no_account": Text(
        "Aucun compte Newsreel n’existe pour cette adresse",
        """
Bonjour,

quelqu’un, sans doute vous, a demandé un nouveau mot de passe Newsreel pour cette adresse. Aucun
compte ne l’utilise ; peut-être avez-vous employé une autre adresse.

Vous pouvez ouvrir un compte ici :

{portal}/register

Si ce n’est pas vous, vous n’avez rien à faire.
""",
    ),
    "password_changed": Text(
        "Votre mot de passe Newsreel a été changé",
        """
Bonjour,

le mot de passe de votre compte Newsreel vient d’être changé, et tous les appareils ont été
déconnectés.

Si c’est vous, vous n’avez rien à faire.

Si ce n’est pas vous, quelqu’un peut lire votre courrier : changez d’abord le mot de passe de votre
messagerie, puis choisissez-en un nouveau pour Newsreel ici :

{portal}/forgot
""",
    ),
}

_UKRAINIAN: dict[Kind, Text] = {
    "signup_code": Text(
        "Підтвердьте свою адресу для Newsreel",
        """
Вітаємо!

Хтось, імовірно ви, створює обліковий запис Newsreel із цією адресою. Щоб підтвердити її, введіть
цей код на сторінці, яка його запитала:

{code}

Код дійсний 30 хвилин і працює лише в тому браузері, з якого його замовили.

Якщо це були не ви, не зважайте на цей лист: без коду нічого не станеться. Нікому не кажіть цей код;
ми не запитуємо його ні телефоном, ні поштою.
""",
    ),
    "reset_code": Text(
        "Встановіть новий пароль для Newsreel",
        """
Вітаємо!

Хтось, імовірно ви, хоче встановити новий пароль для вашого облікового запису Newsreel. Введіть цей
код на сторінці, яка його запитала:

{code}

Код дійсний 30 хвилин і працює лише в тому браузері, з якого його замовили.

Якщо це були не ви, не зважайте на цей лист: ваш пароль не зміниться. Нікому не кажіть цей код; ми
не запитуємо його ні телефоном, ні поштою.
""",
    ),
    "address_taken": Text(
        "У вас уже є обліковий запис Newsreel",
        """
Вітаємо!

Хтось, імовірно ви, намагався створити обліковий запис Newsreel із цією адресою. Він у вас уже є; у
ньому нічого не змінено.

Увійти можна тут:

{portal}/sign-in

Якщо ви не пам’ятаєте пароля, встановіть новий:

{portal}/forgot

Якщо це були не ви, нічого робити не потрібно.
""",
    ),
    "no_account": Text(
        "Для цієї адреси немає облікового запису Newsreel",
        """
Вітаємо!

Хтось, імовірно ви, попросив новий пароль Newsreel для цієї адреси. Облікового запису з нею немає;
можливо, ви користувалися іншою адресою.

Створити обліковий запис можна тут:

{portal}/register

Якщо це були не ви, нічого робити не потрібно.
""",
    ),
    "password_changed": Text(
        "Ваш пароль Newsreel змінено",
        """
Вітаємо!

Пароль вашого облікового запису Newsreel щойно змінено, а всі пристрої від’єднано.

Якщо це були ви, нічого робити не потрібно.

Якщо це були не ви, хтось може читати вашу пошту: спершу змініть пароль поштової скриньки, а потім
установіть новий для Newsreel тут:

{portal}/forgot
""",
    ),
}

TEXTS: dict[Locale, dict[Kind, Text]] = {"en": _ENGLISH, "fr": _FRENCH, "uk": _UKRAINIAN}
