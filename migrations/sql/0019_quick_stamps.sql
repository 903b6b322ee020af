-- A stamp is made for every row that is written, and a look at `epochs` for each of them cost more than
-- the rest of it. So the epoch is a constant for who writes: the planner puts it into each statement and
-- plans anew when `begin_epoch` replaces it. Who reads goes on asking the table, by their snapshot.
DO $$
BEGIN
    EXECUTE format('CREATE FUNCTION current_epoch() RETURNS bigint LANGUAGE sql STABLE'
                   ' RETURN %s::bigint', (SELECT coalesce(max(number), 0) FROM epochs));
END $$;

CREATE OR REPLACE FUNCTION stamp() RETURNS xid8 LANGUAGE sql VOLATILE
    RETURN ((current_epoch() << 48) | pg_current_xact_id()::text::bigint)::text::xid8;

CREATE OR REPLACE FUNCTION begin_epoch(above integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    stamped text;
    begun CONSTANT text := 'changed_xid named_xid left_xid xid';
    last record;
    new_number integer;
BEGIN
    -- Who is writing has a stamp already and is waited for; who comes later gets one of the new epoch.
    FOR stamped IN
        SELECT DISTINCT c.table_name FROM information_schema.columns c
        WHERE c.table_schema = current_schema() AND c.udt_name = 'xid8'
          AND c.column_name = ANY (string_to_array(begun, ' '))
        ORDER BY 1
    LOOP
        EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', stamped);
    END LOOP;
    SELECT seal.number, event.xid, event.id INTO last
        FROM event_seals seal JOIN events event ON event.id = seal.event_id
        ORDER BY seal.number DESC LIMIT 1;
    SELECT 1 + greatest(above, coalesce(max(number), 0)) INTO new_number FROM epochs;
    INSERT INTO epochs (number, id, begun_at, last_seal)
        VALUES (new_number, gen_random_uuid(), clock_timestamp(), coalesce(last.number, 0));
    EXECUTE format('CREATE OR REPLACE FUNCTION current_epoch() RETURNS bigint LANGUAGE sql STABLE'
                   ' RETURN %s::bigint', new_number);
    -- What was written before anybody said so stands behind the newest seal. It comes after it.
    ALTER TABLE events DISABLE TRIGGER USER;
    UPDATE events event SET xid = stamp_of(event.xid)
        WHERE (event.xid, event.id) < (last.xid, last.id)
          AND NOT EXISTS (SELECT FROM event_seals seal WHERE seal.event_id = event.id);
    ALTER TABLE events ENABLE TRIGGER USER;
    RETURN new_number;
END $$;
