"""A restore from its plan to the service's working on the restored tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.restore.erasures import erase_again, since
from infra.restore.repair import Findings, renew, repair
from infra.restore.rows import Tables
from infra.restore.tables import (
    RESTORED,
    Recover,
    RestoreError,
    complete,
    recover_to_moment,
    restorable,
    target_name,
    with_stream,
)
from infra.restored_tables import RestoredTable
from infra.settings import Stage
from infra.tables import ERASURES

Switch = Callable[[Mapping[str, RestoredTable]], None]
"""Points the service at restored tables."""


@dataclass(frozen=True)
class Restoration:
    """Of the tables in use, `sources` by their names in `infra/tables.py`, back to the second `moment`.

    `client` and `resource` are boto3's for DynamoDB. `recover` begins to make a table of what another held.
    """

    stage: Stage
    client: Any
    resource: Any
    sources: Mapping[str, str]
    moment: datetime
    recover: Recover = recover_to_moment
    say: Callable[[str], None] = print

    def plan(self) -> None:
        """Say what would be done, and do nothing. Raises RestoreError where it cannot be done."""
        for table in RESTORED:
            window = restorable(self.client, self.sources[table.name])
            if window is None:
                raise RestoreError(f"{self.sources[table.name]} has no point-in-time recovery")
            if not window[0] <= self.moment <= window[1]:
                raise RestoreError(
                    f"{self.sources[table.name]} can be restored from {window[0]:%Y-%m-%dT%H:%M:%SZ} "
                    f"to {window[1]:%Y-%m-%dT%H:%M:%SZ}"
                )
            self.say(f"{table.name:<10} {self.sources[table.name]} -> {self._targets[table.name]}")
        self.say(f"deleted since, and to be deleted again: {len(since(self._tables, self.moment))}")

    def prepare(self) -> dict[str, RestoredTable]:
        """Make the tables, delete again who was deleted, and show that they agree. Safe to repeat.

        Their streams begin afterwards: nobody hears of a deletion a second time. Raises RestoreError where
        the tables do not agree in the end; the service is as it was then.
        """
        there = set(self._existing())
        for table in RESTORED:
            if self._targets[table.name] not in there:
                self.recover(self.client, self.sources[table.name], self._targets[table.name], self.moment)
                self.say(f"restoring {self._targets[table.name]}")
        restored = {
            table.name: complete(self.client, table, self._targets[table.name], self.stage)
            for table in RESTORED
        }
        self.say(f"deleted again: {erase_again(self._tables, self.moment)}")
        self._show("repaired", repair(self._tables, self.moment))
        renew(self._tables)
        self._prove()
        return with_stream(self.client, restored)

    def switch(self, restored: Mapping[str, RestoredTable], switch: Switch) -> None:
        """Point the service at them, and delete who was deleted while that was done.

        Raises RestoreError where the tables do not agree in the end.
        """
        switch(restored)
        self.say(f"deleted again: {erase_again(self._tables, self.moment)}")
        self._prove()

    @property
    def _targets(self) -> dict[str, str]:
        return {table.name: target_name(self.stage, table, self.moment) for table in RESTORED}

    @property
    def _tables(self) -> Tables:
        names = {**self._targets, ERASURES.name: self.sources[ERASURES.name]}
        return Tables(self.resource.meta.client, names)

    def _existing(self) -> list[str]:
        pages = self.client.get_paginator("list_tables").paginate()
        return [name for page in pages for name in page["TableNames"]]

    def _prove(self) -> None:
        found = repair(self._tables, self.moment, dry=True)
        self._show("invariants", found)
        if not found.agree:
            raise RestoreError("The restored tables do not agree; run the restore again, or look at them")

    def _show(self, title: str, found: Findings) -> None:
        self.say(title)
        for line in found.lines():
            self.say(f"  {line}")
