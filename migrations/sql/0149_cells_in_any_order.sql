-- Since 0114 an audit may stand for several cells of a series. They are kept in an order of their own; counted anew
-- they come as the judgements of its domains lie in their table, which says nothing. So where a row is kept otherwise
-- than it is counted, its cells are compared in one order.
CREATE OR REPLACE FUNCTION wrong_rollups() RETURNS TABLE (what text, kept jsonb, found jsonb)
LANGUAGE sql STABLE SET search_path = public, pg_temp SET row_security = off AS $$
    SELECT coalesce(kept.row_id, anew.row_id)::text, kept.cells, anew.cells
    FROM rollup_rows kept FULL JOIN rollup_rows_anew anew USING (row_id)
    WHERE kept.cells IS DISTINCT FROM anew.cells
    AND (SELECT jsonb_agg(cell ORDER BY cell) FROM jsonb_array_elements(kept.cells) cell)
        IS DISTINCT FROM
        (SELECT jsonb_agg(cell ORDER BY cell) FROM jsonb_array_elements(anew.cells) cell)
    UNION ALL
    SELECT 'cell', cell, to_jsonb(sum(n))
    FROM (
        SELECT jsonb_strip_nulls(to_jsonb(k) - 'id' - 'n') AS cell, n FROM rollups k
        UNION ALL
        SELECT jsonb_strip_nulls(to_jsonb(k) - 'id' - 'n'), n FROM rollup_deltas k
        UNION ALL
        SELECT jsonb_array_elements(cells), -1 FROM rollup_rows
    ) added
    GROUP BY cell HAVING sum(n) <> 0
$$;
