"""A certificate's row changes only when it is looked at; reminders of their own give way to duties, which are kept hourly."""

from typing import Any

from django.db import migrations

from overread.foundation.tenancy.rls import RefuseChange


def end_reminders(apps: Any, _: Any) -> None:
    """Cancel the deadlines of the former reminders; nobody reacts to them any more."""
    live = apps.get_model("clock", "Deadline").objects.filter(kind="credentials.expiry", state__in=["waiting", "stuck"])
    live.update(state="cancelled")


class Migration(migrations.Migration):
    """A certificate's row changes only when it is looked at; former reminders end."""

    dependencies = [("credentials", "0004_certificates"), ("clock", "0003_duties")]

    operations = [
        RefuseChange("credentials_certificate", when="OLD.seen_at IS NOT NULL"),
        migrations.RunPython(end_reminders, migrations.RunPython.noop),
    ]
