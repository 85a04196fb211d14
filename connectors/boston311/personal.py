"""Which columns of the file may say who somebody is, or where somebody lives."""

from __future__ import annotations

from core.privacy import Pseudonymizer
from core.redaction import Names, redact_csv

PERSONAL = ("CLOSURE_REASON", "CASE_TITLE", "Location", "LOCATION_STREET_NAME", "SubmittedPhoto",
            "ClosedPhoto", "Property_ID", "Geocoded_Location")  # fmt: skip
"""Free text, exact addresses and pictures; nothing here reads them."""

NAMES = Names.of(
    codes="case_enquiry_id case_id open_dt open_date target_dt sla_target_dt target_close_date "
    "closed_dt close_date closed_date on_time ontime_status case_status subject reason type queue "
    "department case_topic service_name assigned_department assigned_team latitude longitude "
    "source report_source",
    personal=" ".join(PERSONAL) + " submitted_photo closed_photo closure_comments full_address "
    "street_number street_name",
)


def redact(body: bytes, pseudonymizer: Pseudonymizer) -> bytes:
    """The same table without personal data."""
    return redact_csv(body, NAMES, pseudonymizer)
