-- A dump takes its transaction ids along, and in another cluster they lie ahead of those that are
-- given out there. So what is stamped carries an epoch too: the upper bits of a stamp are the epoch,
-- the lower 48 PostgreSQL's transaction id. One comparison orders (epoch, transaction id), and in
-- epoch 0, where every log begins, a stamp is the transaction id alone (ADR 14).

-- Which stamp a transaction has, in the epoch that the caller's snapshot sees.
CREATE FUNCTION stamp_of(transaction_id xid8) RETURNS xid8 LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ((coalesce((SELECT max(number) FROM epochs), 0)::bigint << 48)
            | (transaction_id::text::bigint & ((1::bigint << 48) - 1)))::text::xid8;
END $$;

-- The stamp of this transaction. Asked anew for each row: who waited for `begin_epoch` is after it.
CREATE FUNCTION stamp() RETURNS xid8 LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN stamp_of(pg_current_xact_id());
END $$;

-- Which transactions are complete, as stamps; what was stamped in a former epoch is among them.
CREATE FUNCTION current_stamps() RETURNS pg_snapshot LANGUAGE sql STABLE
    RETURN (SELECT format('%s:%s:%s', stamp_of(pg_snapshot_xmin(seen)),
                          stamp_of(pg_snapshot_xmax(seen)),
                          (SELECT string_agg(stamp_of(open)::text, ',' ORDER BY open)
                           FROM pg_snapshot_xip(seen) AS open))::pg_snapshot
            FROM (SELECT pg_current_snapshot() AS seen) AS now);

-- Whether there are events of transactions that have not begun: the database was restored into
-- another cluster, and nobody has begun an epoch.
CREATE FUNCTION restore_is_untold() RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce((SELECT xid FROM events ORDER BY xid DESC, id DESC LIMIT 1)
                    >= stamp_of(pg_snapshot_xmax(pg_current_snapshot())), false);

-- What is stamped, by default and by triggers, is stamped so from now on.
DO $$
DECLARE
    stamped record;
BEGIN
    FOR stamped IN
        SELECT d.adrelid::regclass AS relation, a.attname
        FROM pg_attrdef d
        JOIN pg_attribute a ON (a.attrelid, a.attnum) = (d.adrelid, d.adnum)
        JOIN pg_class c ON c.oid = d.adrelid AND c.relnamespace = current_schema()::regnamespace
        WHERE pg_get_expr(d.adbin, d.adrelid) = 'pg_current_xact_id()'
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT stamp()',
                       stamped.relation, stamped.attname);
    END LOOP;
    FOR stamped IN
        SELECT pg_get_functiondef(oid) AS definition FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace
          AND prosrc LIKE '%pg\_current\_xact\_id()%'
          AND proname NOT IN ('stamp', 'stamp_after_restoring')
    LOOP
        EXECUTE replace(stamped.definition, 'pg_current_xact_id()', 'stamp()');
    END LOOP;
END $$;

-- Said once after a restore, by the owner (`qa-api restored`). Returns the new epoch, which is above
-- all that this database and the caller know of.
DROP FUNCTION stamp_after_restoring();
CREATE FUNCTION begin_epoch(above integer) RETURNS integer LANGUAGE plpgsql AS $$
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
    -- What was written before anybody said so stands behind the newest seal. It comes after it.
    ALTER TABLE events DISABLE TRIGGER USER;
    UPDATE events event SET xid = stamp_of(event.xid)
        WHERE (event.xid, event.id) < (last.xid, last.id)
          AND NOT EXISTS (SELECT FROM event_seals seal WHERE seal.event_id = event.id);
    ALTER TABLE events ENABLE TRIGGER USER;
    RETURN new_number;
END $$;
REVOKE EXECUTE ON FUNCTION begin_epoch(integer) FROM PUBLIC;

GRANT SELECT ON epochs TO qa_app, qa_read, qa_backup;
