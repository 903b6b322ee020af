-- Of many open things nearly all wait for whoever is named, and a list of those that fall to others
-- looked at each. These find the few that may fall to others, by indexes, in one step per person named
-- however much is theirs. They say more often yes than no: whoever asks checks each thing again, and what
-- they may not see they are not shown. What is restricted is always among them, since whoever is named may
-- lack the leave to see it.
CREATE FUNCTION qa_audits_beyond(able text[]) RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ids uuid[];
    named text := '';
BEGIN
    ids := ARRAY(SELECT a.id FROM audits a WHERE a.restricted AND a.state IN ('planned', 'in_progress'))
        || ARRAY(SELECT a.id FROM audits a
                 WHERE a.auditor IS NULL AND a.state IN ('planned', 'in_progress'));
    LOOP
        SELECT a.auditor INTO named FROM audits a
        WHERE a.state IN ('planned', 'in_progress') AND a.auditor > named ORDER BY a.auditor LIMIT 1;
        EXIT WHEN NOT FOUND;
        CONTINUE WHEN named = ANY (able);
        ids := ids || ARRAY(SELECT a.id FROM audits a WHERE a.auditor = named
                                AND a.state IN ('planned', 'in_progress'));
    END LOOP;
    RETURN ids;
END $$;

-- Named is whom it was handed to, else whoever holds the case.
CREATE FUNCTION qa_responses_beyond(able text[]) RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ids uuid[];
    named text := '';
BEGIN
    ids := ARRAY(SELECT r.id FROM audit_responses r WHERE r.restricted AND r.state <> 'adequate')
        || ARRAY(SELECT r.id FROM audit_responses r
                 WHERE (CASE WHEN r.handed_to IS NULL THEN r.worker ELSE r.handed_to END) IS NULL
                 AND r.state IN ('awaiting_notification', 'awaiting_response', 'returned'));
    LOOP
        SELECT CASE WHEN r.handed_to IS NULL THEN r.worker ELSE r.handed_to END INTO named
        FROM audit_responses r
        WHERE r.state IN ('awaiting_notification', 'awaiting_response', 'returned')
          AND (CASE WHEN r.handed_to IS NULL THEN r.worker ELSE r.handed_to END) > named
        ORDER BY CASE WHEN r.handed_to IS NULL THEN r.worker ELSE r.handed_to END LIMIT 1;
        EXIT WHEN NOT FOUND;
        CONTINUE WHEN named = ANY (able);
        ids := ids || ARRAY(
            SELECT r.id FROM audit_responses r
            WHERE r.state IN ('awaiting_notification', 'awaiting_response', 'returned')
              AND (CASE WHEN r.handed_to IS NULL THEN r.worker ELSE r.handed_to END) = named);
    END LOOP;
    RETURN ids;
END $$;

-- Named is its owner, else whoever holds the case.
CREATE FUNCTION qa_actions_beyond(able text[]) RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ids uuid[];
    named text := '';
BEGIN
    ids := ARRAY(SELECT x.id FROM restorative_actions x
                   WHERE x.restricted AND x.state NOT IN ('verified', 'cancelled'))
        || ARRAY(SELECT x.id FROM restorative_actions x
                 WHERE (CASE WHEN x.owner IS NULL THEN x.worker ELSE x.owner END) IS NULL
                 AND x.state IN ('open', 'planned'));
    LOOP
        SELECT CASE WHEN x.owner IS NULL THEN x.worker ELSE x.owner END INTO named
        FROM restorative_actions x
        WHERE x.state IN ('open', 'planned')
          AND (CASE WHEN x.owner IS NULL THEN x.worker ELSE x.owner END) > named
        ORDER BY CASE WHEN x.owner IS NULL THEN x.worker ELSE x.owner END LIMIT 1;
        EXIT WHEN NOT FOUND;
        CONTINUE WHEN named = ANY (able);
        ids := ids || ARRAY(
            SELECT x.id FROM restorative_actions x
            WHERE x.state IN ('open', 'planned')
              AND (CASE WHEN x.owner IS NULL THEN x.worker ELSE x.owner END) = named);
    END LOOP;
    RETURN ids;
END $$;

-- Named are those who are asked first, the leads[n] for the teams[n]. They audit and answer little of all
-- that there is, and where few audit anything PostgreSQL would take each of them for one who audits much:
-- so it goes from a lead to their audits and from there to what was answered, and never the other way.
CREATE FUNCTION qa_reviews_beyond(teams text[], leads text[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off AS $$
DECLARE
    ids uuid[];
    one text;
BEGIN
    ids := ARRAY(SELECT r.id FROM audit_responses r WHERE r.restricted AND r.state <> 'adequate')
        || ARRAY(SELECT r.id FROM audit_responses r WHERE r.team IS NULL AND r.state = 'submitted');
    FOR one IN SELECT t.code FROM public.teams t WHERE t.code <> ALL (qa_reviews_beyond.teams) LOOP
        ids := ids || ARRAY(SELECT r.id FROM audit_responses r
                            WHERE r.team = one AND r.state = 'submitted');
    END LOOP;
    FOR one IN SELECT DISTINCT l.worker FROM unnest(leads) AS l (worker) LOOP
        ids := ids
            || ARRAY(SELECT answered.id
                     FROM (SELECT a.id FROM audits a WHERE a.auditor = one OFFSET 0) audited,
                     LATERAL (SELECT r.id FROM audit_responses r
                              WHERE r.audit_id = audited.id AND r.state = 'submitted' OFFSET 0) answered)
            || ARRAY(SELECT answered.id
                     FROM (SELECT a.id FROM audits a WHERE a.audited_worker = one OFFSET 0) audited,
                     LATERAL (SELECT r.id FROM audit_responses r
                              WHERE r.audit_id = audited.id AND r.state = 'submitted' OFFSET 0) answered)
            || ARRAY(SELECT n.response_id FROM response_rounds n WHERE n.submitted_by = one)
            || ARRAY(SELECT n.response_id FROM response_rounds n WHERE n.on_behalf_of = one);
    END LOOP;
    RETURN ids;
END $$;

GRANT EXECUTE ON FUNCTION qa_audits_beyond(text[]), qa_responses_beyond(text[]),
    qa_actions_beyond(text[]), qa_reviews_beyond(text[], text[]) TO qa_app, qa_read, qa_backup;
