"""The answer of the token endpoint."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

AccessToken = TypedDict(
    "AccessToken",
    {
        "access_token": Annotated[str, Field(description="Goes into `Authorization: Bearer …`")],
        "expires_in": Annotated[int, Field(ge=1, description="Seconds until the token ends")],
        "refresh_expires_in": Annotated[
            Literal[0], Field(description="There are no refresh tokens: ask for a new token")
        ],
        "token_type": Annotated[Literal["Bearer"], Field(description="How the token is sent (RFC 6750)")],
        "not-before-policy": Annotated[Literal[0], Field(description="Of no use here; always 0")],
        "scope": Annotated[str, Field(description="Of no use here", examples=["email profile"])],
    },
)
"""The answer of an OpenID Connect token endpoint (RFC 6749, 5.1)."""


AccessToken.__doc__ = "An access token (RFC 6749, 5.1)."
