"""How the timeline of a case tells what later stages did; facts of a ledger entry stand in {places}."""

from overread.journey.case.queries import register_words
from overread.journey.case.rules import Words

WORDS: dict[str, Words] = {
    "allocation.beat": Words("Still at work", icon="heart-pulse", state="idle", level="rows"),
    "allocation.claim": Words("Claim written", icon="lock", state="idle", level="rows"),
    "allocation.end_with": Words("Claim ended with the read", icon="unlock", state="idle", level="rows"),
    "allocation.hand_back": Words("Claim given back", icon="unlock", state="idle", level="rows"),
    "allocation.release_expired": Words(
        "The claim ran out", "Nobody had been at work on it.", "hourglass-bottom", "warn"
    ),
    "allocation.take_over": Words("Taken over by another reader", icon="arrow-left-right", state="info"),
    "delivery.make": Words("Delivery by {channel} prepared", icon="send", state="idle", level="rows"),
    "delivery.release": Words("Time to recall it is over: {channel}", icon="send", state="idle", level="rows"),
    "delivery.documents_exist": Words("Documents are ready", icon="file-earmark-check", state="idle", level="rows"),
    "delivery.begin_attempt": Words(
        "Delivery by {channel} begins, attempt {attempt}", icon="send", state="info", level="rows"
    ),
    "delivery.record_result": Words("Delivery by {channel}: {result}", icon="send-check", state="info"),
    "delivery.doubt": Words("Delivery by {channel}: looked for its receipt", icon="send-x", state="warn", level="rows"),
    "delivery.publish": Words("Report published in the portal", icon="globe", state="info"),
    "delivery.open": Words("Report opened by the client", icon="envelope-open", state="ok"),
    "delivery.recall": Words("Delivery recalled", icon="arrow-counterclockwise", state="warn"),
    "delivery.resend": Words("Sent again by {channel}", icon="arrow-repeat", state="info"),
    "escalation.raise_alert": Words("Alert raised, {category}", icon="bell", state="crit"),
    "escalation.alert_from_report": Words("Alert raised from the report", icon="bell", state="crit", level="rows"),
    "escalation.climb": Words("Alert: step {rung} of the ladder", icon="bell", state="urg"),
    "escalation.alert_after_change": Words(
        "Looked whether the changed report must be told", icon="bell", state="idle", level="rows"
    ),
    "escalation.make_link": Words("One-time link made", icon="link-45deg", state="idle", level="rows"),
    "escalation.open_link": Words("One-time link opened", icon="envelope-open", state="info", level="rows"),
    "escalation.count_wrong_code": Words("Wrong code entered", icon="shield-x", state="warn", level="rows"),
    "escalation.record_result": Words("Alert by {channel}: {result}", icon="telephone", state="info"),
    "escalation.acknowledge": Words("Alert acknowledged", "How: {how}.", "check2-circle", "ok"),
    "escalation.acknowledge_by_link": Words(
        "Alert acknowledged by link", icon="check2-circle", state="ok", level="rows"
    ),
    "escalation.override": Words("Alert closed by a second person", icon="check2-circle", state="warn"),
    "escalation.hasten": Words("Next step of the alert asked for at once", icon="bell", state="urg", level="rows"),
    "escalation.mend": Words("A missing step of the alert was put back", icon="exclamation-triangle", state="urg"),
    "reading.record_displayed": Words("Images shown", icon="eye", state="idle", level="rows"),
    "reading.keep_key_image": Words("Key image kept", icon="image", state="info", level="rows"),
    "reading.remove_key_image": Words("Key image removed", icon="image", state="idle", level="rows"),
    "referral.make": Words("Referral received, {priority}", "{documents} documents.", "file-earmark-medical", "info"),
    "referral.match": Words("Images matched with the referral", icon="intersect", state="ok"),
    "referral.unmatch": Words("Match undone", "{words}", "x-circle", "warn"),
    "referral.not_this": Words("Judged not to be the study asked for", icon="x-circle", state="idle", level="rows"),
    "referral.look_for_study": Words("Looked for its images", icon="search", state="idle", level="rows"),
    "referral.look_for_referral": Words("Looked for its referral", icon="search", state="idle", level="rows"),
    "query.ask": Words("Question {number} asked by the {from}", icon="chat-left-text", state="hold"),
    "query.answer": Words("Question {number}: the {from} wrote", icon="chat-left-text", state="info"),
    "query.answer_from_system": Words("Question {number}: the {from} wrote", icon="chat-left-text", state="info"),
    "query.close": Words("Question {number} closed", icon="check2-circle", state="ok"),
    "query.remind": Words("Reminded of question {number}", icon="bell", state="idle", level="rows"),
    "report.begin": Words("Draft begun", icon="pencil", state="info", level="rows"),
    "report.save_draft": Words("Draft saved", icon="save", state="idle", level="rows"),
    "report.sign": Words("{title} signed, version {number}", "Text {sha256:.8}, images {images:.8}.", "pen", "ok"),
    "report.correct": Words("{title}, version {number}, signed", "Reason: {reason}.", "pen", "warn"),
    "report.addend": Words("Addendum signed, version {number}", "Text {sha256:.8}, images {images:.8}.", "pen", "ok"),
    "report.keep_file": Words("Document made: {kind}", icon="file-earmark-pdf", state="idle", level="rows"),
    "report.say_written": Words("Documents exist", icon="file-earmark-check", state="idle", level="rows"),
    "report.see_gate_mark": Words(
        "The manager saw that it was signed through a gate", icon="eye", state="info", level="rows"
    ),
    "report.mark_alerted": Words("Marked as alerted", icon="bell", state="idle", level="rows"),
}


def join() -> None:
    """Teach the timeline these words; called once by site/wiring.py."""
    register_words(WORDS)
