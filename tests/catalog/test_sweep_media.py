"""Files that no video refers to are swept from the store, and no other, whatever happens meanwhile."""

import asyncio
import hashlib
import io
import signal
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from catalog.commands.import_videos import VideoImport
from catalog.domain.media_place import Placement, rendition_place
from catalog.domain.video import StoredFile
from catalog.errors import SweepRefusedError
from catalog.outbound_media.folder import Folder
from catalog.outbound_media.media_store import MediaStore
from catalog.representations.submission import read_manifest
from catalog.store import media
from catalog.usecases.sweep_media import GRACE, sweep_media
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.s3_server import WRITER

Submit = Callable[..., Path]
LATER = GRACE + timedelta(minutes=1)


async def bring_in(database: Database, store: MediaStore, folder: Path) -> None:
    importing = VideoImport(database, store, dry_run=False, replace=True)
    assert await importing.run(folder, read_manifest((folder / "manifest.json").read_bytes()))


def leave_behind(store: MediaStore, content: bytes, rendition_id: UUID | None = None) -> str:
    """As an import that was killed before its commit; its key."""
    sha256 = hashlib.sha256(content).hexdigest()
    place = rendition_place(rendition_id or new_id(), "film.mp4", sha256)
    store.put(
        Placement(place, StoredFile("film.mp4", len(content), sha256), "video/mp4"), io.BytesIO(content)
    )
    return store.key_of(place)


async def used(database: Database, store: MediaStore) -> set[str]:
    async with database.read() as sql:
        return {store.key_of(place) for place in await media.find_used(sql)}


async def swept(database: Database, store: MediaStore, at: datetime) -> set[str]:
    return set((await sweep_media(database, store, at)).removed)


@pytest.fixture
async def database(databases: Databases) -> object:
    async with databases.open("catalog") as opened:
        yield opened


async def test_what_nobody_refers_to_goes_a_day_after_that_was_seen(
    database: Database, store: MediaStore, submit: Submit
) -> None:
    await bring_in(database, store, submit())
    published = set(store.keys())
    orphan, first = leave_behind(store, b"half an import"), now()
    assert await swept(database, store, first) == set()
    assert await swept(database, store, first + GRACE - timedelta(seconds=1)) == set()
    assert await swept(database, store, first + LATER) == {orphan}
    assert await swept(database, store, first + LATER) == set()
    assert set(store.keys()) == published == await used(database, store)


async def test_a_dry_run_writes_nothing(database: Database, store: MediaStore, submit: Submit) -> None:
    await bring_in(database, store, submit())
    published = set(store.keys())
    orphan, first = leave_behind(store, b"half an import"), now()
    looked = await sweep_media(database, store, first, dry_run=True)
    assert (looked.removed, looked.waiting) == ((), 1)
    assert await swept(database, store, first) == set()  # the first that counts
    looked = await sweep_media(database, store, first + LATER, dry_run=True)
    assert looked.removed == (orphan,)
    assert set(store.keys()) == {orphan, *published}


async def test_a_store_of_which_no_file_is_used_is_not_swept(database: Database, store: MediaStore) -> None:
    """The settings name another catalog's bucket, or the database was lost."""
    leave_behind(store, b"somebody's film")
    for later in (timedelta(0), LATER):
        with pytest.raises(SweepRefusedError, match="any of 1 files"):
            await sweep_media(database, store, now() + later)
    assert len(list(store.keys())) == 1


async def test_what_a_revision_replaced_is_left_for_downloads_that_have_begun(
    database: Database, store: MediaStore, submit: Submit
) -> None:
    await bring_in(database, store, submit())
    before, first = await used(database, store), now()
    assert await swept(database, store, first - LATER) == set()
    await bring_in(database, store, submit(web=b"a better web", poster=b"another poster"))
    replaced = before - await used(database, store)
    assert len(replaced) == 2
    assert await swept(database, store, first) == set()
    assert await swept(database, store, first + LATER) == replaced
    assert set(store.keys()) == await used(database, store)


async def test_what_is_published_again_meanwhile_stays(
    database: Database, store: MediaStore, submit: Submit
) -> None:
    """Noted as unused, then brought in again: the day begins anew when it is unused once more."""
    folder = submit()
    await bring_in(database, store, folder)
    kept, first = await used(database, store), now()
    await bring_in(database, store, submit(web=b"another web"))
    assert await swept(database, store, first) == set()
    await bring_in(database, store, folder)
    await swept(database, store, first + LATER)
    assert set(store.keys()) >= await used(database, store)
    if not isinstance(store, Folder):  # a folder's key is of the rendition's id, which is another one now
        assert await used(database, store) == kept


async def test_an_import_that_wants_a_file_waits_for_its_removal_and_brings_it_again(
    database: Database, store: MediaStore, submit: Submit
) -> None:
    """A sweep holds the rows of what it removes; a claim that came first keeps the file."""
    await bring_in(database, store, submit("NR-1"))
    orphan, first = leave_behind(store, b"another web"), now()
    await swept(database, store, first)
    async with database.begin() as removing:
        assert await media.lock_unused(removing, [orphan]) == [orphan]

        async def claim() -> None:
            async with database.begin() as claiming:
                await media.claim(claiming, [orphan])

        waiting = asyncio.create_task(claim())
        _, pending = await asyncio.wait([waiting], timeout=0.2)
        assert pending
    await waiting
    assert await swept(database, store, first + LATER) == set()
    assert orphan in set(store.keys())
    await bring_in(database, store, submit("NR-2", web=b"another web"))
    assert set(store.keys()) >= await used(database, store)


async def test_a_file_that_was_published_after_the_listing_is_never_removed(
    database: Database, store: MediaStore, submit: Submit
) -> None:
    """Even with a note of long ago: what is used is read again under the lock."""
    await bring_in(database, store, submit())
    keys, first = await used(database, store), now()
    async with database.begin() as tx:
        await media.mark_unused(tx, keys, first - LATER)
    assert await swept(database, store, first) == set()
    assert set(store.keys()) == keys


@pytest.mark.parametrize("kills", [1, 2])
async def test_a_sweep_that_is_killed_in_the_middle_is_gone_on_with(
    databases: Databases, store: MediaStore, submit: Submit, request: pytest.FixtureRequest, kills: int
) -> None:
    async with databases.fresh("catalog") as postgres, Database.open(postgres) as database:
        await bring_in(database, store, submit())
        orphans = {leave_behind(store, b"orphan %d" % number) for number in range(3)}
        await swept(database, store, now() - LATER)
        variables = environment_of(postgres) | _place(store, request)
        armed = {"NEWSREEL_ENVIRONMENT": "test", "NEWSREEL_FAILPOINTS": f"media.removed:{kills}"}
        code, _ = await _command(variables | armed)
        assert code == -signal.SIGKILL
        assert len(orphans & set(store.keys())) == 3 - kills
        assert set(store.keys()) >= await used(database, store)
        code, said = await _command(variables)
        assert (code, f"{3 - kills} removed, 0 not used" in said) == (0, True), said
        assert set(store.keys()) == await used(database, store)


def _place(store: MediaStore, request: pytest.FixtureRequest) -> dict[str, str]:
    if isinstance(store, Folder):
        return {"NEWSREEL_CATALOG_MEDIA_ROOT": str(store.root)}
    settings = request.getfixturevalue("settings")
    return {
        "NEWSREEL_BUCKET_NAME": settings.name,
        "NEWSREEL_BUCKET_ENDPOINT": settings.endpoint,
        "NEWSREEL_BUCKET_ACCESS_KEY": WRITER[0],
        "NEWSREEL_BUCKET_SECRET": WRITER[1],
    }


async def _command(variables: dict[str, str]) -> tuple[int | None, str]:
    """`newsreel catalog sweep`: exit code, and what it prints."""
    program = str(Path(sys.executable).with_name("newsreel"))
    started = await create_subprocess_exec(
        program, "catalog", "sweep", env=variables, stdout=PIPE, stderr=PIPE
    )
    output, errors = await asyncio.wait_for(started.communicate(), 60)
    return started.returncode, (output + errors).decode()
