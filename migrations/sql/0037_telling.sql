-- Whoever does something may leave word of it for people whose lists they do not see: an auditor for
-- the manager, the owner of an action for the leads of another team.
CREATE POLICY told ON alerts FOR INSERT TO qa_app WITH CHECK (true);
