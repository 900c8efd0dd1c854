"""The tables of the deployed stack, as the invariants look at them."""

from infra.local.stack import STAGE, LocalStack
from infra.restore.tables import deployed_tables
from tests.invariants import contents, violations


def violations_of(stack: LocalStack, tenant: str) -> list[str]:
    """Every sentence that is not true of a tenant's items once all workers are done."""
    names = deployed_tables(stack.emulator.client("cloudformation"), STAGE)
    found = contents(stack.emulator.client("dynamodb"), names)
    mine = {
        table: [item for item in items if tenant in {str(value).partition("#")[0] for value in item.values()}]
        for table, items in found.items()
    }
    return violations(mine)
