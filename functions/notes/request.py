"""The requests about notes, as pydantic checks them (see `customer_request`)."""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from functions.notes.note import MAX_LENGTH
from functions.shared.validation import PlainText

NoteText = Annotated[
    PlainText,
    Field(
        min_length=1,
        max_length=MAX_LENGTH["note"],
        description="The note itself",
        examples=["Prefers to be called after five"],
    ),
]
Author = Annotated[
    Annotated[PlainText, Field(max_length=MAX_LENGTH["author"])] | None,
    Field(description="Who wrote the note", examples=["Sam of store 12"]),
]


class NewNote(TypedDict):
    """A create; the customer is named by one of its identifiers, here or in the query."""

    customerId: NotRequired[Annotated[PlainText, Field(description="The customer's id")]]
    customerRef: NotRequired[
        Annotated[PlainText, Field(description="The retailer's identifier of the customer")]
    ]
    note: NoteText
    author: NotRequired[Author]


class NoteChanges(TypedDict):
    """An update: what is left out stays; null clears the author."""

    id: Annotated[PlainText, Field(min_length=1, description="The note's id")]
    note: NotRequired[NoteText]
    author: NotRequired[Author]
