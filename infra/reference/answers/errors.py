"""Errors, the gateway's own included."""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict


class WrongField(TypedDict):
    """One wrong field of a request."""

    field: Annotated[
        str,
        Field(
            description="Dotted path of the field, list places from 0", examples=["addresses.0.countryCode"]
        ),
    ]
    message: Annotated[str, Field(description="What is wrong with it, for a person")]


class _Error(TypedDict):
    """What every error has."""

    message: Annotated[str, Field(description="What went wrong, for a person")]
    code: Annotated[str, Field(description="What went wrong, for a machine")]
    requestId: Annotated[str, Field(description="Finds this request in the service's logs")]
    documentation: Annotated[
        str,
        Field(
            description="Where this reference says what the code means and what to do: an address, or a path "
            "on the host that was asked",
            json_schema_extra={"format": "uri-reference"},
        ),
    ]


class Error(_Error):
    """The one shape of every error, the gateway's own included."""

    errors: NotRequired[
        Annotated[list[WrongField], Field(description="All wrong fields at once, where fields are to blame")]
    ]


class TokenError(_Error):
    """An error of the token endpoint: RFC 6749's members beside the API's own."""

    error: NotRequired[
        Annotated[str, Field(description="The same as `code`, where RFC 6749 (5.2) knows the error")]
    ]
    error_description: NotRequired[Annotated[str, Field(description="The same as `message`, beside `error`")]]
