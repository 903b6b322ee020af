-- Caseloads are taken whole, and gone when nothing was drawn from them: nobody writes in one. Of a
-- row the owner's function alone takes the content away, when the child's time has come (X4).
GRANT SELECT, INSERT, DELETE ON caseloads, caseload_children, caseload_uploads, caseload_lines TO qa_app;
GRANT SELECT ON caseloads, caseload_children TO qa_read;
GRANT SELECT ON caseloads, caseload_children, caseload_uploads, caseload_lines TO qa_backup;

-- Whether a reference means a restricted record that the caller has no leave to see. As its owner:
-- the caller sees no such record, and what is not seen is not there.
CREATE FUNCTION qa_is_kept_from(sender text, called text) RETURNS boolean LANGUAGE plpgsql
STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM subject_aliases a JOIN subjects s ON s.id = a.subject_id
                   WHERE a.system = sender AND a.ref = called AND a.stands_for IS NULL
                   AND s.restricted AND NOT qa_granted(s.id));
END $$;
-- The same of a whole caseload: whoever is not shown all of it is told nothing of the whole.
CREATE FUNCTION qa_keeps_some_from(frame uuid) RETURNS boolean LANGUAGE plpgsql
STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM subjects s
                   JOIN subject_aliases a ON a.subject_id = s.id AND a.stands_for IS NULL
                   JOIN caseload_children c ON c.system = a.system AND c.ref = a.ref
                   WHERE s.restricted AND c.caseload_id = frame AND NOT qa_granted(s.id));
END $$;
REVOKE ALL ON FUNCTION qa_is_kept_from(text, text), qa_keeps_some_from(uuid) FROM PUBLIC, qa_backup;
GRANT EXECUTE ON FUNCTION qa_is_kept_from(text, text), qa_keeps_some_from(uuid) TO qa_app, qa_read;

ALTER TABLE caseload_children ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON caseload_children TO qa_app, qa_read
    USING (qa_reach() IN ('service', 'authority'));
CREATE POLICY unrestricted ON caseload_children AS RESTRICTIVE TO qa_app, qa_read
    USING (qa_reach() = 'service' OR NOT qa_is_kept_from(system, ref));
CREATE POLICY backup ON caseload_children TO qa_backup USING (true);
ALTER TABLE caseload_lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON caseload_lines TO qa_app USING (qa_reach() = 'service');
CREATE POLICY backup ON caseload_lines TO qa_backup USING (true);

ALTER TABLE plan_case_lists
    ADD CONSTRAINT plan_case_lists_caseload_id_fkey FOREIGN KEY (caseload_id) REFERENCES caseloads (id) NOT VALID,
    ADD CONSTRAINT plan_case_lists_caseload_is_drawn_from_check
        CHECK (caseload_id IS NULL OR method = 'drawn') NOT VALID;
ALTER TABLE plan_case_lists VALIDATE CONSTRAINT plan_case_lists_caseload_id_fkey;
ALTER TABLE plan_case_lists VALIDATE CONSTRAINT plan_case_lists_caseload_is_drawn_from_check;
DROP TRIGGER IF EXISTS frozen_list ON plan_case_lists;
CREATE TRIGGER frozen_list BEFORE UPDATE ON plan_case_lists FOR EACH ROW
    WHEN ((OLD.plan_id, OLD.team, OLD.theme, OLD.system, OLD.method, OLD.seed, OLD.caseload_id, OLD.population, OLD.population_hash, OLD.chosen, OLD.explanation, OLD.policy_version, OLD.posted_at) IS DISTINCT FROM (NEW.plan_id, NEW.team, NEW.theme, NEW.system, NEW.method, NEW.seed, NEW.caseload_id, NEW.population, NEW.population_hash, NEW.chosen, NEW.explanation, NEW.policy_version, NEW.posted_at)
          AND qa_is_bound('plan_case_lists'::regclass))
    EXECUTE FUNCTION refuse_frozen('a list stands as it was posted and drawn');

-- The rows of those who go: the digest of each stays. What tells a whole caseload from another was
-- made of rows without salt, so it goes too, and with it whatever is being read in.
CREATE FUNCTION qa_remove_from_caseloads(people uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    uploads uuid[];
BEGIN
    UPDATE caseloads SET content_hash = NULL WHERE id IN (
        SELECT c.caseload_id FROM caseload_children c
        JOIN subject_aliases a ON a.system = c.system AND a.ref = c.ref AND a.stands_for IS NULL
        WHERE a.subject_id = ANY (people));
    UPDATE caseload_children c
    SET ref = NULL, team = NULL, worker = NULL, status = NULL, open_since = NULL, strata = NULL, salt = NULL
    FROM subject_aliases a
    WHERE a.system = c.system AND a.ref = c.ref AND a.stands_for IS NULL AND a.subject_id = ANY (people);
    uploads := ARRAY(
        SELECT DISTINCT u.id FROM caseload_uploads u
        JOIN caseload_lines l ON l.upload_id = u.id
        JOIN subject_aliases a ON a.system = u.system AND a.ref = l.ref AND a.stands_for IS NULL
        WHERE a.subject_id = ANY (people));
    DELETE FROM caseload_lines WHERE upload_id = ANY (uploads);
    DELETE FROM caseload_uploads WHERE id = ANY (uploads);
END $$;
REVOKE ALL ON FUNCTION qa_remove_from_caseloads(uuid[]) FROM PUBLIC, qa_app, qa_read, qa_backup;
DO $$
DECLARE
    body CONSTANT text := pg_get_functiondef('qa_remove_subjects(uuid,uuid[])'::regprocedure);
    before CONSTANT text := 'PERFORM qa_remove_columns(''subject'', people);';
BEGIN
    IF position(before IN body) = 0 THEN
        RAISE EXCEPTION 'qa_remove_subjects says something else';
    END IF;
    EXECUTE replace(body, before, 'PERFORM qa_remove_from_caseloads(people); ' || before);
END $$;
