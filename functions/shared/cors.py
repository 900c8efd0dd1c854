"""What browsers may do: any origin, with the API's own headers. Tokens, not cookies, carry authority."""

ALLOW_ORIGIN = "*"
ALLOW_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-TWC-Tenant",
)
EXPOSE_HEADERS = ("ETag", "Link", "Location", "Retry-After", "WWW-Authenticate")

RESPONSE_HEADERS = {
    "Access-Control-Allow-Origin": ALLOW_ORIGIN,
    "Access-Control-Expose-Headers": ",".join(EXPOSE_HEADERS),
}
