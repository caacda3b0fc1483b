"""`newsreel delivery audit …`, as an operator runs it."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import pytest

from delivery.domain.grant import Grant
from delivery.store import audit
from delivery.usecases.chain_audit import chain_audit
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_testing.audit_chains import a_chain, as_file
from newsreel_testing.databases import Databases
from newsreel_testing.delivery_command import newsreel_delivery
from newsreel_testing.delivery_service import NOON
from newsreel_testing.environment import environment_of
from newsreel_testing.wait_until import free_port


async def a_record_each(database: Database, *grants: Grant) -> None:
    for grant in grants:
        async with database.begin() as tx:
            audit.add(tx, "granted", grant, NOON)
    async with database.begin() as tx:
        await chain_audit(tx, 1000)


async def tamper(database: Database, statement: str) -> None:
    """As somebody does it who owns the table."""
    async with database.begin() as tx:
        await tx.sql.execute("ALTER TABLE audit_record DISABLE TRIGGER audit_record_append_only")
        await tx.sql.execute(statement)


async def test_from_export_to_verify(databases: Databases, tmp_path: Path) -> None:
    async with databases.fresh("delivery") as postgres, Database.open(postgres) as database:
        variables = environment_of(postgres)
        assert (await newsreel_delivery(variables, "audit", "verify"))[:2] == (
            0,
            "0 records, each as it was written\n",
        )
        grants = [Grant(new_id(), new_id(), new_id(), new_id()) for _ in range(3)]
        await a_record_each(database, *grants)
        code, output, _ = await newsreel_delivery(variables, "audit", "verify")
        assert (code, output.startswith("3 records, each as it was written; ")) == (0, True)
        noted = output.rpartition(" ")[2].strip()
        code, exported, errors = await newsreel_delivery(variables, "audit", "export")
        assert (code, noted in errors) == (0, True)
        lines = [json.loads(line) for line in exported.splitlines()]
        assert [line["grant_id"] for line in lines[1:-1]] == [str(grant.grant_id) for grant in grants]
        assert not any(str(grant.account_id) in exported for grant in grants)
        file = tmp_path / "audit.jsonl"
        file.write_text(exported)
        assert (await newsreel_delivery({}, "audit", "verify", str(file), "--known", noted))[0] == 0
        code, name, _ = await newsreel_delivery(variables, "audit", "pseudonym", str(grants[1].account_id))
        assert (code, name.strip()) == (0, lines[2]["pseudonym"])
        assert (await newsreel_delivery(variables, "audit", "pseudonym", str(new_id())))[0] == 1
        none = ("--from", "2020-01-01", "--to", "2020-01-02")
        assert (await newsreel_delivery(variables, "audit", "verify", *none))[:2] == (
            0,
            "0 records, each as it was written\n",
        )
        assert (await newsreel_delivery(variables, "audit", "verify", *none, "--known", noted))[0] == 1
        assert len((await newsreel_delivery(variables, "audit", "export", *none))[1].splitlines()) == 2


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_record SET reason = 'x' WHERE number = 2", "/2 was changed"),
        ("DELETE FROM audit_record WHERE number = 2", "/3 follows where"),
        ("DELETE FROM audit_record WHERE number = 1", "/2 follows where"),
        ("DELETE FROM audit_record WHERE number = 3", "/3 ended the chain: it is missing"),
        ("DELETE FROM audit_record", "/3 ended the chain: it is missing, with all behind the beginning"),
        ("UPDATE audit_record SET day = day - 1 WHERE number = 1", "/1 was changed"),
        ("UPDATE audit_record SET number = 4 WHERE number = 2", "/3 follows where"),
    ],
)
async def test_what_the_owner_of_the_table_did_is_named(
    databases: Databases, statement: str, said: str
) -> None:
    async with databases.fresh("delivery") as postgres, Database.open(postgres) as database:
        await a_record_each(database, *(Grant(new_id(), new_id(), new_id(), new_id()) for _ in range(3)))
        await tamper(database, statement)
        code, output, _ = await newsreel_delivery(environment_of(postgres), "audit", "verify")
        assert (code, said in output) == (1, True), output


async def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    away = {
        "NEWSREEL_POSTGRES_HOST": "127.0.0.1",
        "NEWSREEL_POSTGRES_PORT": str(free_port()),
        "NEWSREEL_POSTGRES_DATABASE": "d",
        "NEWSREEL_POSTGRES_USER": "u",
        "NEWSREEL_POSTGRES_PASSWORD": "p",
    }
    code, _, errors = await newsreel_delivery(away, "audit", "verify")
    assert (code, "the database is out of reach" in errors) == (3, True)
    assert (await newsreel_delivery({}, "audit", "verify"))[0] == 2
    assert (await newsreel_delivery({}, "audit", "verify", str(tmp_path / "none")))[0] == 2
    file = tmp_path / "cut.jsonl"
    file.write_text(as_file(a_chain(3))[:-100])
    assert (await newsreel_delivery({}, "audit", "verify", str(file)))[0] == 1


async def test_an_export_that_nobody_reads_to_its_end_says_so(databases: Databases) -> None:
    async with databases.fresh("delivery") as postgres:
        reading, writing = os.pipe()
        os.close(reading)
        process = await create_subprocess_exec(
            Path(sys.executable).with_name("newsreel"),
            *("delivery", "audit", "export"),
            env=os.environ | environment_of(postgres),
            stdout=writing,
            stderr=PIPE,
        )
        os.close(writing)
        _, errors = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 1
        assert errors == b"delivery audit export: nobody reads the output any more\n"
