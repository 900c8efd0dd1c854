"""The requests about notes, as pydantic checks them (see `customers.request`)."""

from typing import Annotated, NotRequired

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from functions.notes.note import MAX_LENGTH
from functions.shared.json_text import as_identifier
from functions.shared.validation import MESSAGES, Given, Plain, PlainText, not_blank

NoteText = Annotated[
    Annotated[str, Field(max_length=MAX_LENGTH["note"]), Plain],
    not_blank(MESSAGES["string_too_short"]),
    Field(description="The note itself", examples=["Prefers to be called after five"]),
]
Author = Annotated[
    Annotated[str, Field(max_length=MAX_LENGTH["author"]), Plain] | None,
    Given,
    Field(description="Who wrote the note", examples=["Sam of store 12"]),
]


class NewNote(TypedDict):
    """A create; the customer is named by one of its identifiers, here or in the query."""

    customerId: NotRequired[Annotated[PlainText, Field(description="The customer's id")]]
    customerRef: NotRequired[
        Annotated[
            PlainText,
            BeforeValidator(as_identifier),
            Field(description="The retailer's identifier of the customer"),
        ]
    ]
    note: NoteText
    author: NotRequired[Author]


class NoteChanges(TypedDict):
    """An update: what is left out stays; blank clears the author."""

    id: Annotated[str, Field(min_length=1, description="The note's id"), Plain]
    note: NotRequired[NoteText]
    author: NotRequired[Author]
