-- Indexes of a Backstage catalog that no constraint makes, and the correlation it declares to the planner.

CREATE INDEX refresh_state_next_update_at_idx ON public.refresh_state (next_update_at);

CREATE INDEX refresh_state_references_source_entity_ref_idx ON public.refresh_state_references (source_entity_ref);
CREATE INDEX refresh_state_references_source_key_idx ON public.refresh_state_references (source_key);
CREATE INDEX refresh_state_references_target_entity_ref_idx ON public.refresh_state_references (target_entity_ref);

CREATE INDEX refresh_keys_entity_id_idx ON public.refresh_keys (entity_id);
CREATE INDEX refresh_keys_key_idx ON public.refresh_keys (key);

CREATE INDEX relations_source_entity_id_idx ON public.relations (originating_entity_id);
CREATE INDEX relations_source_entity_ref_idx ON public.relations (source_entity_ref);
CREATE INDEX relations_target_entity_ref_idx ON public.relations (target_entity_ref);

CREATE UNIQUE INDEX search_entity_key_value_idx ON public.search (entity_id, key, value);
CREATE INDEX search_key_value_entity_idx ON public.search (key, value, entity_id);
CREATE INDEX search_facets_covering_idx ON public.search (key, original_value, entity_id)
    WHERE original_value IS NOT NULL;

CREATE INDEX stitch_queue_next_stitch_at_idx ON public.stitch_queue (next_stitch_at);
CREATE INDEX update_log_location_id_idx ON public.location_update_log (location_id);

CREATE STATISTICS public.search_key_value_stats (dependencies, ndistinct, mcv) ON key, value FROM public.search;
