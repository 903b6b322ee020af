-- Asked by each trigger of what stands, at each statement. A function in SQL that searches is read
-- and taken apart for it each time, in vain, since such a one cannot become a part of the condition.
CREATE OR REPLACE FUNCTION qa_is_bound(relation oid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN current_user <> (SELECT pg_catalog.pg_get_userbyid(c.relowner)
                            FROM pg_catalog.pg_class c WHERE c.oid = relation);
END $$;
