"""Draws, grades, answers and appointments never change, whoever speaks SQL; rows of clients have the second wall."""

from django.db import migrations

from overread.foundation.tenancy.rls import EnableRLS, RefuseChange


class Migration(migrations.Migration):
    """Triggers and row-level security."""

    dependencies = [("review", "0001_initial")]

    operations = [
        RefuseChange("review_draw"),
        RefuseChange("review_grade"),
        RefuseChange("review_reflection"),
        RefuseChange("review_appointment"),
        EnableRLS("review_review"),
        EnableRLS("review_grade"),
        EnableRLS("review_reflection"),
    ]
