-- A function that runs with its owner's rights finds its tables in `public` and nowhere before.
DO $$
DECLARE
    f oid;
BEGIN
    FOR f IN SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', f::regprocedure);
    END LOOP;
END $$;

-- Whoever is not one of ours calls nothing here. A trigger needs no right of whoever fires it, and
-- nobody hangs ours on a table of their own.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT EXECUTE ON FUNCTIONS TO qa_app, qa_read, qa_backup;
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN
        SELECT oid::regprocedure AS signature, prorettype = 'trigger'::regtype AS is_trigger
        FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole
        AND has_function_privilege('public', oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.signature);
        IF NOT f.is_trigger THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO qa_app, qa_read, qa_backup',
                           f.signature);
        END IF;
    END LOOP;
END $$;

-- Which revision the schema has is the migrations' to say.
REVOKE INSERT, UPDATE ON alembic_version FROM qa_app;

-- What these show has no policies of its own; so they need no rights of their owner.
ALTER VIEW role_holders SET (security_invoker = true);
ALTER VIEW team_leads SET (security_invoker = true);
