"""fastapi-users as its documentation has it: accounts by SQLAlchemy, sessions as JWT.

`DATABASE` is a DSN; `OURS` set: Argon2id with Newsreel's parameters.
`python -m fastapi_users_app COUNT PASSWORD` makes the accounts.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users.password import PasswordHelper
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

SECRET = "a-secret-of-the-benchmark-of-enough-bytes"  # noqa: S105 (a benchmark's)
engine = create_async_engine(os.environ["DATABASE"].replace("postgresql://", "postgresql+asyncpg://"))
sessions = async_sessionmaker(engine, expire_on_commit=False)
ours = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
helper = PasswordHelper(ours) if os.environ.get("OURS") else PasswordHelper()


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


class UserManager(UUIDIDMixin, BaseUserManager[User, UUID]):
    reset_password_token_secret = SECRET
    verification_token_secret = SECRET


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


async def manager(opened: AsyncSession = Depends(session)) -> AsyncIterator[UserManager]:  # noqa: B008
    yield UserManager(SQLAlchemyUserDatabase(opened, User), helper)


backend = AuthenticationBackend(
    name="jwt",
    transport=BearerTransport(tokenUrl="auth/jwt/login"),
    get_strategy=lambda: JWTStrategy(secret=SECRET, lifetime_seconds=3600),
)
users = FastAPIUsers[User, UUID](manager, [backend])
app = FastAPI()
app.include_router(users.get_auth_router(backend), prefix="/auth/jwt")


async def make(count: int, password: str) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    hashed = helper.hash(password)
    async with sessions() as opened:
        opened.add_all(
            User(id=uuid4(), email=f"p{number}@example.org", hashed_password=hashed, is_verified=True)
            for number in range(count)
        )
        await opened.commit()


if __name__ == "__main__":
    asyncio.run(make(int(sys.argv[1]), sys.argv[2]))
