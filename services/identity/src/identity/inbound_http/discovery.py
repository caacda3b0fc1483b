"""What verifiers of access tokens read."""

from fastapi import APIRouter, Response

from identity.inbound_http.dependencies import Dependencies
from identity.representations import JsonWebKey, JsonWebKeySet, ProviderMetadata
from newsreel_runtime.http.access_token import ALGORITHM

_CACHE = "public, max-age=300"


def create_router(dependencies: Dependencies) -> APIRouter:
    router = APIRouter(prefix="/.well-known", tags=["discovery"])

    @router.get("/jwks.json")
    async def jwks(response: Response) -> JsonWebKeySet:
        """The keys that access tokens are signed with, the current one first."""
        response.headers["Cache-Control"] = _CACHE
        keys = [JsonWebKey.model_validate(key) for key in dependencies.signer.public_jwks]
        return JsonWebKeySet(keys=keys)

    @router.get("/openid-configuration")
    async def openid_configuration(response: Response) -> ProviderMetadata:
        """Where the keys are (OpenID Connect Discovery 1.0)."""
        response.headers["Cache-Control"] = _CACHE
        issuer = dependencies.signer.issuer
        return ProviderMetadata(
            issuer=issuer,
            jwks_uri=f"{issuer}/.well-known/jwks.json",
            token_endpoint=f"{issuer}/v1/token",
            id_token_signing_alg_values_supported=(ALGORITHM,),
        )

    return router
