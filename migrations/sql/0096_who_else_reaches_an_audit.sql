-- Most who read what belongs to an audit lead the team of its case or hold the case. Why others read
-- it was part of the policy of each such table, and so made ready whenever a statement named the
-- table. One function asks it, of whom nothing nearer lets in. Who reads what stays as it was.

CREATE FUNCTION qa_reaches_audit(audit uuid) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN qa_audits(audit) OR audit = ANY (qa_moderated())
        OR qa_looks_back_at(audit) OR qa_responds_to(audit);
END $$;

DO $$
DECLARE
    one text[];
BEGIN
    FOREACH one SLICE 1 IN ARRAY ARRAY[
        ['audit_answers', ''],
        ['domain_judgements', ''],
        ['family_contacts', ''],
        ['family_contact_attempts', ''],
        ['worker_views', ''],
        ['audit_revisions', ''],
        ['urgent_findings', ' OR qa_is_asked_for(id, audit_id)'],
        ['restorative_actions',
         ' OR owner = qa_worker() AND state <> ALL (ARRAY[''verified'', ''cancelled''])']] LOOP
        EXECUTE format(
            'ALTER POLICY held ON %I USING (CASE WHEN qa_reach() = ANY (ARRAY[''service'', ''authority''])'
            ' OR team = ANY (qa_teams()) OR worker = qa_worker()%s THEN true'
            ' ELSE qa_reaches_audit(audit_id) END)', one[1], one[2]);
    END LOOP;
END $$;
