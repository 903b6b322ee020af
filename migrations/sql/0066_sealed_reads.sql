-- The access log takes its place in the order of (epoch, transaction), so that it can be sealed. The
-- lines that are there keep 0 and so come first; a constant wrote none of them anew.
ALTER TABLE access_log ALTER COLUMN xid SET DEFAULT stamp();

-- One chain over both logs: a seal is of an event, or of many lines of the access log.
ALTER TABLE event_seals ALTER COLUMN event_id DROP NOT NULL;
CREATE INDEX event_seals_of_events_idx ON event_seals (number) WHERE event_id IS NOT NULL;

CREATE TABLE access_seals (
    number integer NOT NULL,
    lines integer NOT NULL,
    root bytea NOT NULL,
    leaves bytea NOT NULL,
    last_xid xid8 NOT NULL,
    last_at timestamp with time zone NOT NULL,
    last_id uuid NOT NULL,
    CONSTRAINT access_seals_pkey PRIMARY KEY (number),
    CONSTRAINT access_seals_number_fkey FOREIGN KEY (number) REFERENCES event_seals (number)
);
CREATE INDEX access_seals_last_xid_last_at_last_id_idx
    ON access_seals (last_xid, last_at, last_id);

CREATE TABLE access_removals (
    item_id uuid NOT NULL,
    number integer NOT NULL,
    places integer[] NOT NULL,
    CONSTRAINT access_removals_pkey PRIMARY KEY (item_id, number),
    CONSTRAINT access_removals_item_id_fkey FOREIGN KEY (item_id) REFERENCES retention_items (id),
    CONSTRAINT access_removals_number_fkey FOREIGN KEY (number) REFERENCES access_seals (number)
);

CREATE TABLE checkpoint_receipts (
    endpoint_id uuid NOT NULL,
    size integer DEFAULT 0 NOT NULL,
    at timestamp with time zone,
    failing_since timestamp with time zone,
    CONSTRAINT checkpoint_receipts_pkey PRIMARY KEY (endpoint_id),
    CONSTRAINT checkpoint_receipts_endpoint_id_fkey
        FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id)
);

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON access_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON access_removals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON access_seals TO qa_app;
GRANT SELECT ON access_removals TO qa_app;
GRANT SELECT, INSERT, UPDATE ON checkpoint_receipts TO qa_app;
GRANT SELECT ON access_seals, access_removals, checkpoint_receipts TO qa_read, qa_backup;

-- Lines of the access log go, and it is kept which places behind which seal they had: those that
-- are left, in their order, stand at the places that nothing was taken from before.
CREATE FUNCTION qa_remove_access_lines(
    item uuid, first_at timestamptz, end_at timestamptz, held uuid[]
) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    first record;
    last record;
    first_seal integer;
    last_seal integer;
BEGIN
    SELECT xid, at, id INTO first FROM access_log
        WHERE at >= first_at AND at < end_at ORDER BY xid, at, id LIMIT 1;
    SELECT xid, at, id INTO last FROM access_log
        WHERE at >= first_at AND at < end_at ORDER BY xid DESC, at DESC, id DESC LIMIT 1;
    first_seal := (SELECT s.number FROM access_seals s
                   WHERE (s.last_xid, s.last_at, s.last_id) >= (first.xid, first.at, first.id)
                   ORDER BY s.last_xid, s.last_at, s.last_id LIMIT 1);
    last_seal := coalesce(
        (SELECT s.number FROM access_seals s
         WHERE (s.last_xid, s.last_at, s.last_id) >= (last.xid, last.at, last.id)
         ORDER BY s.last_xid, s.last_at, s.last_id LIMIT 1),
        (SELECT max(number) FROM access_seals));
    WITH sealed AS (
        SELECT number, lines, last_xid, last_at, last_id,
               lag(last_xid, 1, '0') OVER earlier AS after_xid,
               lag(last_at, 1, '-infinity') OVER earlier AS after_at,
               lag(last_id, 1, '00000000-0000-0000-0000-000000000000') OVER earlier AS after_id
        FROM access_seals
        WHERE number BETWEEN coalesce((SELECT max(number) FROM access_seals
                                       WHERE number < first_seal), 0)
              AND last_seal
        WINDOW earlier AS (ORDER BY number)
    ), standing AS (
        SELECT seal.number,
               line.at >= first_at AND line.at < end_at AND NOT line.subject_ids && held AS goes,
               row_number() OVER (PARTITION BY seal.number ORDER BY line.xid, line.at, line.id)
                   AS nth
        FROM sealed seal JOIN access_log line
            ON (line.xid, line.at, line.id) > (seal.after_xid, seal.after_at, seal.after_id)
            AND (line.xid, line.at, line.id) <= (seal.last_xid, seal.last_at, seal.last_id)
        WHERE seal.number >= first_seal
    ), taken AS (
        SELECT seal.number, place,
               row_number() OVER (PARTITION BY seal.number ORDER BY place) AS nth
        FROM sealed seal, generate_series(1, seal.lines) AS place
        WHERE seal.number >= first_seal AND NOT EXISTS (
            SELECT FROM access_removals before
            WHERE before.number = seal.number AND place = ANY (before.places))
    )
    INSERT INTO access_removals (item_id, number, places)
    SELECT item, number, array_agg(place ORDER BY place)
    FROM standing JOIN taken USING (number, nth)
    WHERE goes
    GROUP BY number;
    DELETE FROM access_log WHERE at >= first_at AND at < end_at AND NOT subject_ids && held;
END $$;
REVOKE ALL ON FUNCTION qa_remove_access_lines(uuid, timestamptz, timestamptz, uuid[])
    FROM PUBLIC, qa_app, qa_read, qa_backup;

-- The function as it stands, whatever else has become of it, with the other way for lines.
DO $$
DECLARE
    before text := pg_get_functiondef('remove_retained_content(uuid, timestamptz)'::regprocedure);
    line CONSTANT text := 'DELETE FROM access_log'
        ' WHERE at >= first_at AND at < end_at AND NOT subject_ids && held;';
BEGIN
    IF position(line IN before) = 0 THEN
        RAISE EXCEPTION 'remove_retained_content removes lines in another way';
    END IF;
    EXECUTE replace(before, line,
                    'PERFORM qa_remove_access_lines(item, first_at, end_at, held);');
END $$;

-- Whether there is anything of a transaction that has not begun, events or lines read.
CREATE OR REPLACE FUNCTION restore_is_untold() RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(greatest(
        (SELECT xid FROM events ORDER BY xid DESC, id DESC LIMIT 1),
        (SELECT xid FROM access_log ORDER BY xid DESC, at DESC, id DESC LIMIT 1))
        >= stamp_of(pg_snapshot_xmax(pg_current_snapshot())), false);

-- The newest seal may be of lines by now; and lines that were written before anybody told of the
-- restore are stamped anew by who told of it, since only a look at their hashes tells which they are.
DO $$
DECLARE
    before text := pg_get_functiondef('begin_epoch(integer)'::regprocedure);
    line CONSTANT text := 'clock_timestamp(), coalesce(last.number, 0))';
BEGIN
    IF position(line IN before) = 0 THEN
        RAISE EXCEPTION 'begin_epoch begins in another way';
    END IF;
    EXECUTE replace(before, line, 'clock_timestamp(),'
                    ' coalesce((SELECT max(number) FROM event_seals), 0))');
END $$;
