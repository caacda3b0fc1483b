-- Which still picture is the published one. NULL: published before its file had a name of its own.
ALTER TABLE video ADD COLUMN poster_sha256 text;

-- When delivery.download.v1 last said that the grant's ticket was followed.
ALTER TABLE download_grant ADD COLUMN redeemed_at timestamptz;
