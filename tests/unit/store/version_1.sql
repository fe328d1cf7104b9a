-- The schema of the first release, with a row in each table. Never to be changed.

CREATE TABLE store_version (version INTEGER NOT NULL);
INSERT INTO store_version VALUES (0);

CREATE TABLE runs (
    run BIGINT PRIMARY KEY,
    team VARCHAR NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('unfinished', 'complete', 'abandoned')),
    user_id UUID,
    provider VARCHAR,
    started_at TIMESTAMPTZ NOT NULL,
    observed_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    next_cursor VARCHAR,
    pages BIGINT NOT NULL,
    users BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    invalid BIGINT NOT NULL
);

CREATE TABLE pulls (
    team VARCHAR NOT NULL,
    user_id UUID NOT NULL,
    provider VARCHAR NOT NULL,
    resource VARCHAR NOT NULL,
    status VARCHAR,
    pulled BOOLEAN NOT NULL,
    range_start TIMESTAMPTZ,
    range_end TIMESTAMPTZ,
    scheduled_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    days_with_data BIGINT NOT NULL,
    release VARCHAR,
    trace_id VARCHAR,
    error_details VARCHAR,
    settled BOOLEAN NOT NULL,
    error_kind VARCHAR,
    observed_at TIMESTAMPTZ NOT NULL,
    run BIGINT NOT NULL,
    PRIMARY KEY (team, user_id, provider, resource)
);

CREATE TABLE transitions (
    number BIGINT NOT NULL,
    run BIGINT NOT NULL,
    team VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    user_id UUID NOT NULL,
    provider VARCHAR NOT NULL,
    resource VARCHAR NOT NULL,
    previous_status VARCHAR,
    status VARCHAR,
    pulled BOOLEAN,
    range_start TIMESTAMPTZ,
    range_end TIMESTAMPTZ,
    scheduled_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    days_with_data BIGINT,
    release VARCHAR,
    trace_id VARCHAR,
    error_details VARCHAR
);

UPDATE store_version SET version = 1;

INSERT INTO runs VALUES (
    1, 'default', 'complete', NULL, NULL, '2026-01-10 00:00:00+00', '2026-01-10 00:00:01+00',
    '2026-01-10 00:00:01+00', NULL, 1, 1, 1, 0
), (
    2, 'default', 'unfinished', NULL, NULL, '2026-01-11 00:00:00+00', '2026-01-11 00:00:01+00',
    NULL, '1', 1, 0, 0, 0
);

INSERT INTO pulls VALUES (
    'default', '00000000-0000-4000-8000-000000000001', 'oura', 'sleep', 'failure', true,
    '2025-10-05 00:00:00+00', '2026-01-05 00:00:00+00', '2026-01-05 10:00:00+00',
    '2026-01-05 10:00:03+00', '2026-01-05 10:04:00+00', 70, '1.2.3',
    '51cc7d2d72e98ed4eb63e2b0864b39e3', 'retry_quota_exhausted', true, 'non_retriable',
    '2026-01-10 00:00:01+00', 1
);

INSERT INTO transitions BY NAME (
    SELECT 1 AS number, 'appeared' AS kind, observed_at AS seen_at,
        * EXCLUDE (settled, error_kind, observed_at)
    FROM pulls
);
