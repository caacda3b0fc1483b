"""What the portal is told from outside."""

from pydantic import Field

from newsreel_runtime.settings import Http, KeyRingText, Origin, SettingsGroup, settings_config


class Settings(SettingsGroup):
    """Variables begin with `NEWSREEL_PORTAL_`; the listening address is the runtime's group."""

    model_config = settings_config("NEWSREEL_PORTAL_")

    origin: Origin = Field(description="Where browsers reach the portal; https makes its cookies Secure.")
    signing_key: KeyRingText = Field(
        description="64 hex digits, or `k2:<64 hex>,k1:<64 hex>`: the first signs forms and the flow cookie."
    )
    identity_origin: Origin = Field(description="Identity, as the portal reaches it.")
    catalog_origin: Origin = Field(description="Catalog, as the portal reaches it.")
    delivery_origin: Origin = Field(description="Delivery, as the portal reaches it.")
    media_origin: Origin = Field(description="Where browsers reach posters and signed URLs.")
    http: Http = Field(default_factory=Http)
