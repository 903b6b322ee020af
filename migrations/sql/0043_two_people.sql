-- Who agrees is another person than who proposed, and not only another account of theirs. What was
-- agreed before stands as it is.
CREATE FUNCTION refuse_one_person() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    by_first uuid := to_jsonb(NEW) ->> TG_ARGV[0];
    by_second uuid := to_jsonb(NEW) ->> TG_ARGV[1];
BEGIN
    IF NOT EXISTS (SELECT FROM principals one JOIN principals other ON one.worker <> other.worker
                   WHERE one.id = by_first AND other.id = by_second) THEN
        RAISE check_violation USING CONSTRAINT = 'two_people',
            MESSAGE = 'this takes two people of the directory';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER refuse_one_person BEFORE UPDATE OF override_approved_by ON closure_gates
    FOR EACH ROW WHEN (NEW.override_approved_by IS NOT NULL
                       AND NEW.override_approved_by IS DISTINCT FROM OLD.override_approved_by)
    EXECUTE FUNCTION refuse_one_person('override_requested_by', 'override_approved_by');
CREATE TRIGGER refuse_one_person BEFORE UPDATE OF error_confirmed_by ON audits
    FOR EACH ROW WHEN (NEW.error_confirmed_by IS NOT NULL
                       AND NEW.error_confirmed_by IS DISTINCT FROM OLD.error_confirmed_by)
    EXECUTE FUNCTION refuse_one_person('error_reported_by', 'error_confirmed_by');
