-- Deleted is disabled for good, without a secret; the log of what was sent stays.
ALTER TABLE webhook_endpoints ADD CONSTRAINT webhook_endpoints_deleted_is_disabled_check
    CHECK (deleted_at IS NULL OR disabled_at IS NOT NULL) NOT VALID;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE webhook_endpoints VALIDATE CONSTRAINT webhook_endpoints_deleted_is_disabled_check;
GRANT SELECT (deleted_at) ON webhook_endpoints TO qa_read;

DROP TRIGGER IF EXISTS frozen_deletion ON webhook_endpoints;
CREATE TRIGGER frozen_deletion BEFORE UPDATE ON webhook_endpoints FOR EACH ROW
    WHEN (OLD.deleted_at IS NOT NULL
          AND (OLD.system, OLD.url, OLD.event_types, OLD.secrets, OLD.disabled_at, OLD.deleted_at) IS DISTINCT FROM (NEW.system, NEW.url, NEW.event_types, NEW.secrets, NEW.disabled_at, NEW.deleted_at)
          AND qa_is_bound('webhook_endpoints'::regclass))
    EXECUTE FUNCTION refuse_frozen('a webhook endpoint that was deleted stays so');
DROP TRIGGER IF EXISTS begun_deletion ON webhook_endpoints;
CREATE TRIGGER begun_deletion BEFORE INSERT ON webhook_endpoints FOR EACH ROW
    WHEN ((num_nonnulls(NEW.deleted_at) > 0) AND qa_is_bound('webhook_endpoints'::regclass))
    EXECUTE FUNCTION refuse_frozen('a webhook endpoint is registered before it is deleted');
DROP TRIGGER IF EXISTS frozen_telling ON webhook_endpoints;
CREATE OR REPLACE FUNCTION frozen_telling_of_webhook_endpoints() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('webhook_endpoint', NEW.id::text))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'where the service sends what happened is changed by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_webhook_endpoints() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON webhook_endpoints DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.system, OLD.url, OLD.event_types, OLD.secrets, OLD.disabled_at, OLD.deleted_at) IS DISTINCT FROM (NEW.system, NEW.url, NEW.event_types, NEW.secrets, NEW.disabled_at, NEW.deleted_at)
          AND qa_is_bound('webhook_endpoints'::regclass))
    EXECUTE FUNCTION frozen_telling_of_webhook_endpoints();

-- The second lock of what a case system reads: its own endpoints, and what was sent to them. Whoever
-- changes something queues messages for every endpoint, so only readers are held.
ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
CREATE POLICY backup ON webhook_endpoints TO qa_backup USING (true);
CREATE POLICY queued ON webhook_endpoints TO qa_app USING (qa_reach() <> '');
CREATE POLICY held ON webhook_endpoints FOR SELECT TO qa_read
    USING (qa_reach() <> '' AND (qa_system() IS NULL OR system = qa_system()));
ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
CREATE POLICY backup ON deliveries TO qa_backup USING (true);
CREATE POLICY queued ON deliveries TO qa_app USING (qa_reach() <> '');
CREATE POLICY held ON deliveries FOR SELECT TO qa_read
    USING (qa_reach() <> '' AND (qa_system() IS NULL OR EXISTS (
        SELECT FROM webhook_endpoints w WHERE w.id = endpoint_id AND w.system = qa_system())));
ALTER TABLE delivery_attempts ENABLE ROW LEVEL SECURITY;
CREATE POLICY backup ON delivery_attempts TO qa_backup USING (true);
CREATE POLICY queued ON delivery_attempts TO qa_app USING (qa_reach() <> '');
CREATE POLICY held ON delivery_attempts FOR SELECT TO qa_read
    USING (qa_reach() <> '' AND (qa_system() IS NULL OR EXISTS (
        SELECT FROM deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id
        WHERE d.id = delivery_id AND w.system = qa_system())));

-- Whoever is sent to asks for it once more, or now, without an administrator.
UPDATE allowed_actions SET roles = ARRAY['administrator', 'case_system']
WHERE aggregate = 'webhook_delivery' AND action IN ('send_now', 'replay');
