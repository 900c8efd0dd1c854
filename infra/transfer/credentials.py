"""Who calls: a tenant's client of the API, and where the API is."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """What the token endpoint asks for; `url` is what the paths of the route table come after."""

    url: str
    tenant: str
    client_id: str
    client_secret: str = field(repr=False)
