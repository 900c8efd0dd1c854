"""What the reference says of the token endpoint."""

from collections.abc import Mapping
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from functions.auth.errors import InvalidClientError, InvalidTokenRequestError, UnsupportedGrantTypeError
from functions.shared.errors import (
    NotFoundError,
)
from infra.reference.answers import tokens as answers
from infra.reference.operations import tags
from infra.reference.operations.operation import Operation
from infra.reference.parameters import (
    NO_STORE,
)


class TokenRequest(TypedDict):
    """A form that asks for a token. Client id and secret may come by HTTP Basic instead."""

    grant_type: Annotated[
        Literal["client_credentials"], Field(description="The one grant there is (RFC 6749, 4.4)")
    ]
    client_id: NotRequired[Annotated[str, Field(description="The client's id, as handed to you")]]
    client_secret: NotRequired[Annotated[str, Field(description="The client's secret, as handed to you")]]


OPERATIONS: Mapping[str, Operation] = {
    "auth.issue_token": Operation(
        "issueToken",
        tags.TOKENS,
        "Get an access token",
        answers.AccessToken,
        body=TokenRequest,
        form=True,
        answer_headers={"Cache-Control": NO_STORE},
        errors=(InvalidTokenRequestError, UnsupportedGrantTypeError, InvalidClientError, NotFoundError),
        answer_example={
            "access_token": "uWl3xvG5cQ0cO5mF1o9yqk5vJm3Wm8M2k0zR3cJ9s1E",
            "expires_in": 3600,
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": "email profile",
        },
    ),
}
