"""What is taken out of exports: all of one, or the part that holds a customer who was deleted."""

from functions.customers.item import bucket_of
from functions.exports import files, store
from functions.exports.export import may_hold


def delete_export(tenant_id: str, export_id: str, now: str) -> None:
    """Delete an export and its files; safe to repeat. Raises NotFoundError."""
    export = store.mark_deleted(tenant_id, export_id, now)
    for part in store.parts(tenant_id, export_id):
        if "file" in part:
            files.delete(part["file"])
    store.free_place(tenant_id, export)


def forget_customer(tenant_id: str, customer_id: str, *, deleted_date: str, created_date: str | None) -> int:
    """Leave no address of a file that may hold a deleted customer; how many files were deleted.

    Of an export that runs the part is written anew before it is complete. Safe to repeat.
    """
    withdrawn = 0
    for export in store.kept(tenant_id):
        if "completedDate" not in export and store.note_deleted(tenant_id, export, customer_id):
            continue
        for part in store.parts(tenant_id, export["exportId"], bucket_of(customer_id)):
            if may_hold(part, customer_id, deleted_date=deleted_date, created_date=created_date):
                store.withdraw_part(tenant_id, export, part, deleted_date)
                files.delete(part["file"])
                withdrawn += 1
    return withdrawn
