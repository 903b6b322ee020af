-- A team's due date tells of nobody, but it is the team's: whoever leads the team may see it, and
-- whoever looks at the whole authority. No other word of reach shows it.
ALTER POLICY held ON audit_due_dates
    USING (qa_reach() = 'service'
           OR (owed_team IS NOT NULL
               AND (qa_reach() = 'authority' OR owed_team = ANY (qa_teams())))
           OR EXISTS (SELECT FROM subjects s WHERE s.id = subject_id));
