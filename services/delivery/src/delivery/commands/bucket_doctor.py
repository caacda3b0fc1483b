"""What `newsreel doctor` says of the bucket: what cannot be there is asked for, as the edge would."""

import re

import httpx

from delivery.domain.s3_signer import object_key
from delivery.inbound_http.file_source import BucketSource
from delivery.settings import Settings
from newsreel_runtime.doctor.finding import Finding

_MEND = "NEWSREEL_BUCKET_…, the clock, and the rights of the key: it lists the bucket and reads sha256/*"
_CODE = re.compile(rb"<Code>(\w{1,64})</Code>")


async def look_at_bucket(settings: Settings) -> list[Finding]:
    """Nothing where files lie in a folder. That the object is not there says that it may be read."""
    bucket = settings.bucket
    if bucket.name is None:
        return []
    source = BucketSource.of(bucket)
    place = f"{bucket.name} at {bucket.endpoint}"
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.get(source.signer.presigned(object_key("0" * 64), source.clock()))
    except httpx.TransportError as error:
        return [Finding("bucket", f"{place} does not answer: {type(error).__name__}", _MEND)]
    code = found[1].decode() if (found := _CODE.search(answer.content[:4096])) else str(answer.status_code)
    if code == "NoSuchKey":
        return [Finding("bucket", f"{place} may be read")]
    return [Finding("bucket", f"{place} answers {code}", _MEND)]
