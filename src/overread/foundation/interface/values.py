"""Values that every operation sends or takes alike: problems, pages, texts of bodies."""

from typing import Any, Final

from ninja import Field, Schema
from pydantic import ConfigDict, field_validator
from pydantic_core import PydanticCustomError


class FaultOut(Schema):
    """One thing that is wrong, at its place."""

    pointer: str = Field("", description="JSON pointer into the body; empty for the body as a whole")
    parameter: str = Field("", description="Name of the parameter or header, when the fault is there")
    detail: str = Field(..., description="What would be right")


class ProblemOut(Schema):
    """Why a request was not done (RFC 9457), and what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:overread:problem:referral",
                "title": "Something in it cannot be taken",
                "status": 422,
                "code": "referral",
                "detail": "The referral cannot be taken yet.",
                "errors": [{"pointer": "/question", "detail": "Write the clinical question: the reader answers it."}],
            }
        }
    )

    type: str = Field(..., description="urn:overread:problem: and the code")
    title: str = Field(..., description="What kind of refusal it is")
    status: int = Field(..., ge=400, le=599)
    code: str = Field(..., description="A short word for programs")
    detail: str = Field(..., description="What happened and what to do, for people; no patient data")
    errors: list[FaultOut] = Field(default_factory=list, description="What is wrong, by place")


class Taken(Schema):
    """A body whose fields are all known: a misspelt one is told, not left out."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*")
    @classmethod
    def _can_be_stored(cls, value: Any) -> Any:
        """No database holds a null character in a text; the forms of pages refuse it in the same words."""
        if isinstance(value, str) and "\0" in value:
            raise PydanticCustomError("null_character", "Null characters are not allowed.")
        return value


def problems(*statuses: int) -> dict[int, Any]:
    """Answers of an operation that refuses, for its `response`; the door's own are always among them."""
    return dict.fromkeys(sorted({401, 403, 429, 500, *statuses}), ProblemOut)


HOW_MANY: Final = "How many at most, from 1 to 200"
LIMIT: Final = 50
MOST: Final = 200
