"""Cases are seen only in the scope of their client; no clock is ever moved, no case deleted."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Cases are seen only in the scope of their client; no clock is ever moved, no case deleted."""

    dependencies = [("case", "0002_initial")]

    operations = [
        EnableRLS("case_case"),
        EnableRLS("case_read"),
        EnableRLS("case_casestudy"),
        EnableRLS("case_clock"),
        EnableRLS("case_clockpause"),
        RefuseChange("case_case", update=False),
        RefuseChange("case_read", update=False),
        RefuseChange("case_casestudy", update=False),
        RefuseChange("case_clock", unless="NEW.received_at = OLD.received_at AND NEW.case_id = OLD.case_id"),
        RefuseChange("case_clockpause", unless="NEW.from_at = OLD.from_at AND NEW.case_id = OLD.case_id"),
    ]
