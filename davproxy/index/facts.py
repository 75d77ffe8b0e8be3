"""Single named values in the index."""

from davproxy.index.database import Database


class Facts:
    """Values that last from one start to the next, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> str | None:
        """The value called `name`."""
        rows = self._database.rows("SELECT value FROM facts WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def put(self, name: str, value: str) -> None:
        """Store `value` as `name`."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
                " WHERE value <> excluded.value",
                (name, value),
            )
