"""Answers of notes."""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from infra.reference.answers.values import Id, Moment


class Note(TypedDict):
    """A note about a customer."""

    id: Annotated[str, Field(description="The note's identifier", pattern="^[0-9a-f-]{61}$")]
    customerId: Annotated[Id, Field(description="`id` of the customer")]
    customerRef: NotRequired[Annotated[str, Field(description="The customer's `customerRef` of today")]]
    note: str
    author: NotRequired[str]
    createdDate: Annotated[Moment, Field(description="When the note was made (UTC)")]
    lastModifiedDate: Annotated[Moment, Field(description="When the note last changed (UTC)")]


class DeletedNotes(TypedDict):
    """How many notes were deleted."""

    deleted: Annotated[int, Field(ge=0, description="How many there were")]
