"""Names that cannot be guessed: whoever knows one may see what it names."""

import hashlib
import re
import secrets
from typing import Final

# 144 bits, so that trying is hopeless (128 are called enough).
_BYTES: Final = 18
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{24}")


def new_id() -> str:
    """Make a name of 24 characters that are safe in a link and as a folder."""
    return secrets.token_urlsafe(_BYTES)


def is_id(text: object) -> bool:
    """Tell whether this can be one of our names; nothing else may reach the disk."""
    return isinstance(text, str) and _FORM.fullmatch(text) is not None


def for_log(name: str) -> str:
    """Write a name for the log: always the same, but no way to what it names."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]
