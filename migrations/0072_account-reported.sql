-- Up Migration

-- Denials that were reported: a case is opened for each, by whoever sweeps.
create index audit_event_reported on audit_event (at) where kind = 'movil-denied' and data ->> 'reported' = 'yes';
