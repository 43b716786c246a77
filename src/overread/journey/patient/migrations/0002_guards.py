"""Patients are seen only in the scope of their client, and never deleted."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Patients are seen only in the scope of their client, and never deleted."""

    dependencies = [("patient", "0001_initial")]

    operations = [
        EnableRLS("patient_patient"),
        EnableRLS("patient_patientlink"),
        RefuseChange("patient_patient", update=False),
        RefuseChange("patient_patientlink", update=False),
    ]
