-- Whatever closing is on record has its instant to count at: lists and figures ask for no other.
ALTER TABLE closure_gates ADD CONSTRAINT closure_gates_closing_counts_check
    CHECK ((closed_at IS NULL) = (closing_counts_at IS NULL));

-- The audits of a type that were recorded in error. What they raised still counts as raised, also
-- in the list of somebody who no longer sees the audit.
CREATE FUNCTION qa_in_error(of_type text) RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT a.id FROM audits a
                 WHERE a.recorded_in_error_at IS NOT NULL AND a.type = of_type);
END $$;
