"""Secrets as files, as Kubernetes mounts them, read again when they change."""

import logging
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import PydanticBaseSettingsSource

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 1.0  # at most one look at a file in this time


class FileSecret(SecretStr):
    """A secret whose value is what its file holds now: ask for it when it is used, and keep no copy.

    New content that the setting would refuse, or that cannot be read, leaves the value as it was.
    """

    def __init__(self, variable: str, path: Path) -> None:
        self._variable, self._path = variable, path
        self._accept: Callable[[str], object] = str
        self._refused: str | None = None
        self._seen, self._looked = _mark(path), time.monotonic()
        super().__init__(_content(path))

    def check_with(self, accept: Callable[[str], object]) -> None:
        """Have `accept` look at each new content; it raises what it refuses."""
        self._accept = accept

    def get_secret_value(self) -> str:
        """The value, at most a second old."""
        if time.monotonic() - self._looked >= _LOOK_SECONDS:
            self._looked = time.monotonic()
            self._look()
        return self._secret_value

    def _look(self) -> None:
        try:
            mark = _mark(self._path)
            if mark == self._seen:
                return
            content = _content(self._path)
            if content != self._secret_value:
                self._accept(content)
        except (OSError, ValueError) as error:  # pydantic's ValidationError is a ValueError
            why = error.strerror if isinstance(error, OSError) else "the new content is not valid"
            if why != self._refused:
                _log.error("the file of %s: %s; the value stays as it was", self._variable, why)
            self._refused = why
            return
        self._seen, self._refused = mark, None
        if content != self._secret_value:
            self._secret_value = content
            _log.info("the file of %s changed, and was read", self._variable)


def _mark(path: Path) -> tuple[int, int, int]:
    found = path.stat()  # of what a symbolic link names: Kubernetes swaps the link
    return found.st_ino, found.st_mtime_ns, found.st_size


def _content(path: Path) -> str:
    content = path.read_text().strip()
    if not content:
        raise ValueError("its file is empty")
    return content


class SecretFiles(PydanticBaseSettingsSource):
    """Each secret of a group: the file that `<NAME>_FILE` names, or `<name>` in `NEWSREEL_SECRETS_DIR`."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Its `FileSecret`, or None without a file. Raises `ValueError` that says what is wrong."""
        if field.annotation is not SecretStr and SecretStr not in get_args(field.annotation):
            return None, field_name, False
        variable = self.variable(field_name)
        path = _path(variable)
        if path is None:
            return None, field_name, False
        try:
            secret = FileSecret(variable, path)
        except OSError as error:
            raise ValueError(f"its file cannot be read: {error.strerror}") from None
        except UnicodeError:
            raise ValueError("its file is not UTF-8") from None
        if os.environ.get(variable, secret.get_secret_value()) != secret.get_secret_value():
            raise ValueError("the variable and its file differ; give one of them")
        return secret, field_name, False

    def variable(self, field_name: str) -> str:
        """The name that operators give to the field."""
        return f"{self.settings_cls.model_config['env_prefix']}{field_name}".upper()

    def __call__(self) -> dict[str, Any]:
        """All of them, by the fields' names. Raises `ValidationError` that names the variables."""
        found: dict[str, Any] = {}
        wrong: list[InitErrorDetails] = []
        for name, field in self.settings_cls.model_fields.items():
            try:
                secret, _, _ = self.get_field_value(field, name)
            except ValueError as error:
                said = PydanticCustomError("setting", "{said}", {"said": str(error)})
                wrong.append({"type": said, "loc": (self.variable(name),), "input": None})
                continue
            if secret is not None:
                found[name] = secret
        if wrong:
            raise ValidationError.from_exception_data(self.settings_cls.__name__, wrong, hide_input=True)
        return found


def _path(variable: str) -> Path | None:
    if named := os.environ.get(f"{variable}_FILE"):
        return Path(named)
    folder = os.environ.get("NEWSREEL_SECRETS_DIR")
    mounted = Path(folder, variable.lower()) if folder else None
    return mounted if mounted is not None and mounted.exists() else None


def check_again(settings: BaseModel) -> None:
    """Have each file of `settings` checked, when it changes, as it was at the start."""
    for name, field in type(settings).model_fields.items():
        secret = getattr(settings, name)
        if isinstance(secret, FileSecret):
            annotation: Any = field.annotation
            shape = create_model("Content", content=(annotation, field))
            secret.check_with(partial(_validate, shape))


def _validate(shape: type[BaseModel], content: str) -> None:
    shape.model_validate({"content": content})
