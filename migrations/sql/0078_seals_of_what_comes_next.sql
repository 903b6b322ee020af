-- Whoever writes seals passes nothing over, and seals nothing that is yet to come.
DROP TRIGGER IF EXISTS begun_order ON event_seals;
CREATE OR REPLACE FUNCTION begun_order_of_event_seals() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.number = 1 + coalesce((SELECT max(s.number) FROM event_seals s), 0)
       AND (NEW.event_id IS NULL OR NEW.event_id = (
            SELECT e.id FROM events e
            WHERE (e.xid, e.id) > (coalesce((SELECT l.xid FROM event_seals s JOIN events l ON l.id = s.event_id WHERE s.event_id IS NOT NULL ORDER BY s.number DESC LIMIT 1), '0'),
                                   coalesce((SELECT l.id FROM event_seals s JOIN events l ON l.id = s.event_id WHERE s.event_id IS NOT NULL ORDER BY s.number DESC LIMIT 1), '00000000-0000-0000-0000-000000000000'::uuid))
              AND e.xid < (SELECT stamp_of(pg_snapshot_xmin(pg_current_snapshot())))
            ORDER BY e.xid, e.id LIMIT 1)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a seal is the next, and of the event that comes next' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_order_of_event_seals() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_order BEFORE INSERT ON event_seals FOR EACH ROW
    WHEN ((NEW.number IS NOT NULL) AND qa_is_bound('event_seals'::regclass))
    EXECUTE FUNCTION begun_order_of_event_seals();
DROP TRIGGER IF EXISTS begun_lines ON access_seals;
CREATE OR REPLACE FUNCTION begun_lines_of_access_seals() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.number = (SELECT max(s.number) FROM event_seals s)
       AND EXISTS (SELECT FROM event_seals s WHERE s.number = NEW.number AND s.event_id IS NULL)
       AND NEW.last_xid < (SELECT stamp_of(pg_snapshot_xmin(pg_current_snapshot())))
       AND EXISTS (SELECT FROM access_log l
                   WHERE l.id = NEW.last_id AND l.xid = NEW.last_xid AND l.at = NEW.last_at)
       AND NEW.lines = (
            SELECT count(*) FROM access_log l
            WHERE (l.xid, l.at, l.id) > (
                    coalesce((SELECT p.last_xid FROM access_seals p ORDER BY p.number DESC LIMIT 1), '0'),
                    coalesce((SELECT p.last_at FROM access_seals p ORDER BY p.number DESC LIMIT 1), '-infinity'),
                    coalesce((SELECT p.last_id FROM access_seals p ORDER BY p.number DESC LIMIT 1), '00000000-0000-0000-0000-000000000000'::uuid))
              AND (l.xid, l.at, l.id) <= (NEW.last_xid, NEW.last_at, NEW.last_id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a seal of lines is of all that came since the one before' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_lines_of_access_seals() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_lines BEFORE INSERT ON access_seals FOR EACH ROW
    WHEN ((NEW.number IS NOT NULL) AND qa_is_bound('access_seals'::regclass))
    EXECUTE FUNCTION begun_lines_of_access_seals();
