"""Values that several answers have."""

from typing import Annotated

from pydantic import Field

Id = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
Moment = Annotated[
    str,
    Field(json_schema_extra={"format": "date-time"}, examples=["2023-05-19T03:14:32.181Z"]),
]
Money = Annotated[
    str, Field(pattern=r"^-?[0-9]+\.[0-9]{2}$", examples=["120.50"], description="Decimal, two places")
]
