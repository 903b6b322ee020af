-- What is there counts as changed now; no row is written anew for it.
DO $$
BEGIN
    EXECUTE format('ALTER TABLE caseloads ADD COLUMN changed_xid xid8 NOT NULL DEFAULT %L', stamp());
END $$;
ALTER TABLE caseloads ALTER COLUMN changed_xid SET DEFAULT stamp();
CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON caseloads
    FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid();
CREATE TRIGGER note_departure AFTER DELETE ON caseloads FOR EACH ROW
    EXECUTE FUNCTION note_departure('caseloads', 'id');

-- A caseload says how many of its rows went. Of one that was there before nobody has counted them.
DO $$
DECLARE
    body CONSTANT text := pg_get_functiondef('qa_remove_from_caseloads(uuid[])'::regprocedure);
    before CONSTANT text := 'UPDATE caseloads SET content_hash = NULL WHERE id IN (
        SELECT c.caseload_id FROM caseload_children c
        JOIN subject_aliases a ON a.system = c.system AND a.ref = c.ref AND a.stands_for IS NULL
        WHERE a.subject_id = ANY (people));';
    since CONSTANT text := 'UPDATE caseloads f SET content_hash = NULL, removed = f.removed + gone.children
    FROM (SELECT c.caseload_id, count(*) AS children FROM caseload_children c
          JOIN subject_aliases a ON a.system = c.system AND a.ref = c.ref AND a.stands_for IS NULL
          WHERE a.subject_id = ANY (people) GROUP BY c.caseload_id) gone
    WHERE f.id = gone.caseload_id;';
BEGIN
    IF position(before IN body) = 0 THEN
        RAISE EXCEPTION 'qa_remove_from_caseloads says something else';
    END IF;
    EXECUTE replace(body, before, since);
END $$;
