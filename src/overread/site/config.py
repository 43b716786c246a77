"""Every setting that an operator may give, in one table: the settings, the reference page and its test read it."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, its default as text, and what it does."""

    name: str
    default: str
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting("OVERREAD_DATA", "", "Folder of the installation: database, objects, secrets. Set by --data."),
    Setting("DATABASE_URL", "", "postgres://user:password@host:port/name; empty for SQLite in the data folder."),
    Setting("BLOBS_URL", "", "s3://bucket/prefix; empty for a local folder in the data folder."),
    Setting("OVERREAD_URL", "http://localhost:8000", "The address that people type; used in links of e-mails."),
    Setting("OVERREAD_PROVIDER_NAME", "Your radiology service", "Name of the provider, on reports and pages."),
    Setting("OVERREAD_SMTP", "", "host:port of the mail server; empty holds all mail as undeliverable and says so."),
    Setting("OVERREAD_SMTP_USER", "", "Name for the mail server, if it wants one."),
    Setting("OVERREAD_SMTP_PASSWORD_FILE", "", "File (0600) that holds the mail server's password."),
    Setting("OVERREAD_SMTP_TLS", "starttls", "starttls, tls, or none (none only for a mail server on loopback)."),
    Setting("OVERREAD_MAIL_FROM", "overread@localhost", "Sender of e-mails."),
    Setting(
        "OVERREAD_HEARTBEAT_URL",
        "",
        "https address of a dead-man's switch outside, asked each minute while alerts are watched; empty for none.",
    ),
    Setting(
        "OVERREAD_METRICS_TOKEN_FILE", "", "File (0600) with a token for /metrics; empty lets only this machine ask."
    ),
    Setting("OVERREAD_DEMO", "", "1 marks an installation with generated patients; never set it for real ones."),
    Setting("OVERREAD_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR; no level logs patient data."),
)


def value(name: str) -> str:
    """The value of a setting, or its default.

    Raises:
        KeyError: the setting is not in the table.
    """
    default = next(s.default for s in SETTINGS if s.name == name) if any(s.name == name for s in SETTINGS) else None
    if default is None:
        raise KeyError(name)
    return os.environ.get(name, default)


def data_dir() -> Path | None:
    """The data folder, or None when none is set (tests, checks)."""
    text = value("OVERREAD_DATA")
    return Path(text) if text else None


class InsecureSecret(RuntimeError):
    """A secret can be read by others."""


def secret(name: str) -> bytes:
    """A secret of the installation, from a file that only its owner may read.

    Raises:
        InsecureSecret: others may read the file.
        FileNotFoundError: `overread init` has not been run.
    """
    folder = data_dir()
    if folder is None:
        return f"no installation: {name}".encode().ljust(64, b".")
    path = folder / "secrets" / name
    if path.stat().st_mode & 0o077:
        raise InsecureSecret(f"{path} can be read by others. Run: chmod 600 {path}")
    return path.read_bytes()
