"""The groups of operations."""

from collections.abc import Mapping

CUSTOMERS, UPLOADS, NOTES, TOKENS = "Customers", "Bulk upload", "Notes", "Tokens"
EXPORTS = "Export"
IMPORTS = "Imports of files"

TAGS: Mapping[str, str] = {
    TOKENS: "Every request needs an access token; this is where it comes from.",
    CUSTOMERS: "Create, find, change and delete the customers of your tenant.",
    EXPORTS: "Get all customers out, as files.",
    UPLOADS: "Create or change many customers at once, and read what became of each row.",
    IMPORTS: "Bring customers in by files of any size, and read what became of each row.",
    NOTES: "Notes that your staff keep about a customer.",
}
"""The groups of operations, in the order in which a newcomer needs them."""
