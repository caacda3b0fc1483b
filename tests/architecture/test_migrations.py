"""Migrations since the last release only expand the schema: its services run on during an update."""

import subprocess
import sys
from pathlib import Path

import pytest

from newsreel_testing.last_release import new_migrations, release_commit

# Set by the runner for every migration (newsreel_runtime.migrate), or a matter of taste.
_NOT_ASKED = (
    *("require-lock-timeout", "require-statement-timeout", "prefer-robust-stmts"),
    *("prefer-bigint-over-int", "prefer-text-field", "prefer-identity"),
)
_SQUAWK = str(Path(sys.executable).with_name("squawk"))


def faults(*files: Path) -> list[str]:
    """What squawk finds in migrations that run in a transaction each, a line a fault."""
    options = [f"--exclude={','.join(_NOT_ASKED)}", "--assume-in-transaction", "--pg-version=15.0"]
    command = [_SQUAWK, "--reporter=gcc", *options, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return [line for line in done.stdout.splitlines() if ": warning: " in line or ": error: " in line]


def test_what_came_since_the_last_release_only_expands() -> None:
    new = new_migrations(release_commit())
    assert not new or faults(*new) == []


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("ALTER TABLE account DROP COLUMN roles;", "ban-drop-column"),
        ("DROP TABLE session;", "ban-drop-table"),
        ("ALTER TABLE account RENAME COLUMN roles TO groups;", "renaming-column"),
        ("ALTER TABLE account RENAME TO person;", "renaming-table"),
        ("ALTER TABLE account ADD COLUMN name text NOT NULL;", "adding-required-field"),
        ("ALTER TABLE account ALTER COLUMN locale TYPE varchar(2);", "changing-column-type"),
        ("ALTER TABLE account ALTER COLUMN verified_at SET NOT NULL;", "adding-not-nullable-field"),
        ("ALTER TABLE account ADD CONSTRAINT c CHECK (locale <> '');", "constraint-missing-not-valid"),
        ("ALTER TABLE account ADD CONSTRAINT u UNIQUE (address);", "disallowed-unique-constraint"),
        ("CREATE INDEX account_by_name ON account (address);", "require-concurrent-index-creation"),
        (
            "ALTER TABLE session ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b;",
            "adding-foreign-key-constraint",
        ),
    ],
)
def test_what_the_last_release_could_not_bear_is_found(tmp_path: Path, sql: str, rule: str) -> None:
    (file := tmp_path / "0009_planted.sql").write_text(f"{sql}\n")
    assert any(rule in fault for fault in faults(file)), faults(file)


def test_a_new_table_and_a_column_without_duty_are_fine(tmp_path: Path) -> None:
    sql = """
    CREATE TABLE thing (thing_id uuid PRIMARY KEY, name text NOT NULL);
    CREATE INDEX thing_by_name ON thing (name);
    ALTER TABLE account ADD COLUMN name text;
    """
    (file := tmp_path / "0009_fine.sql").write_text(sql)
    assert faults(file) == []
