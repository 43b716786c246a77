"""Which parts of which area stand on pages of others: joined in one place."""

from overread.foundation.ui.slots import Panel, register_panel
from overread.site import seating, track

PANELS = (
    Panel(page="override.panels", order=10, url_name="reporting:under_override", permission="governance.manage"),
    Panel(
        page="worklist.top",
        order=10,
        template="equipment/_seat.html",
        context=seating.panel,
        permission="read.claim",
    ),
    Panel(
        page="reading.editor",
        order=5,
        url_name="reporting:original",
        title="The report in question",
        eager=True,
        permission="report.sign",
    ),
    Panel(
        page="reading.editor",
        order=10,
        url_name="reporting:editor",
        title="Report",
        eager=True,
        permission="report.sign",
    ),
    Panel(
        page="reading.panels", order=10, url_name="referral:reading_panel", title="Referral", permission="read.claim"
    ),
    Panel(
        page="reading.panels",
        order=20,
        url_name="escalation:raise",
        title="Alert",
        eager=True,
        permission="alert.raise",
    ),
    Panel(
        page="reading.panels",
        order=15,
        url_name="referral:reading_questions",
        title="Questions",
        permission="read.claim",
    ),
    Panel(page="case.panels", order=5, url_name="referral:case_questions", title="Questions", permission="case.see"),
    Panel(page="reading.scripts", order=10, template="reporting/_scripts.html", permission="report.sign"),
    Panel(page="case.panels", order=10, url_name="reporting:case_panel", title="Reports", permission="case.see"),
    Panel(page="case.panels", order=20, url_name="delivery:case_panel", title="Delivery", permission="case.see"),
    Panel(page="case.panels", order=30, url_name="escalation:case_panel", title="Alerts", permission="case.see"),
    Panel(
        page="manager.wide",
        order=10,
        url_name="case:turnaround",
        title="Turnaround now",
        eager=True,
        permission="case.see",
    ),
    Panel(
        page="manager.side", order=10, template="site/_track.html", context=track.record, permission="governance.see"
    ),
    Panel(page="report.panels", order=10, url_name="delivery:report_panel", title="Delivery", permission="case.see"),
)


def join() -> None:
    """Fill the slots of pages; called once by site/wiring.py."""
    for panel in PANELS:
        register_panel(panel)
