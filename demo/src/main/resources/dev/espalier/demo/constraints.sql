-- Keys and foreign keys of a Backstage catalog, under Backstage's names.

ALTER TABLE public.refresh_state
    ADD CONSTRAINT refresh_state_pkey PRIMARY KEY (entity_id),
    ADD CONSTRAINT refresh_state_entity_ref_uniq UNIQUE (entity_ref);

ALTER TABLE public.refresh_state_references
    ADD CONSTRAINT refresh_state_references_pkey PRIMARY KEY (id),
    ADD CONSTRAINT refresh_state_references_source_entity_ref_foreign FOREIGN KEY (source_entity_ref)
        REFERENCES public.refresh_state (entity_ref) ON DELETE CASCADE,
    ADD CONSTRAINT refresh_state_references_target_entity_ref_foreign FOREIGN KEY (target_entity_ref)
        REFERENCES public.refresh_state (entity_ref) ON DELETE CASCADE;

ALTER TABLE public.refresh_keys
    ADD CONSTRAINT refresh_keys_entity_id_foreign FOREIGN KEY (entity_id)
        REFERENCES public.refresh_state (entity_id) ON DELETE CASCADE;

ALTER TABLE public.final_entities
    ADD CONSTRAINT final_entities_pkey PRIMARY KEY (entity_id),
    ADD CONSTRAINT final_entities_entity_ref_uniq UNIQUE (entity_ref),
    ADD CONSTRAINT final_entities_entity_id_foreign FOREIGN KEY (entity_id)
        REFERENCES public.refresh_state (entity_id) ON DELETE CASCADE;

ALTER TABLE public.relations
    ADD CONSTRAINT relations_originating_entity_id_foreign FOREIGN KEY (originating_entity_id)
        REFERENCES public.refresh_state (entity_id) ON DELETE CASCADE;

ALTER TABLE public.search
    ADD CONSTRAINT search_entity_id_foreign FOREIGN KEY (entity_id)
        REFERENCES public.final_entities (entity_id) ON DELETE CASCADE;

ALTER TABLE public.locations
    ADD CONSTRAINT locations_pkey PRIMARY KEY (id);

ALTER TABLE public.location_update_log
    ADD CONSTRAINT location_update_log_pkey PRIMARY KEY (id),
    ADD CONSTRAINT location_update_log_status_check CHECK (status IN ('success', 'fail')),
    ADD CONSTRAINT location_update_log_location_id_foreign FOREIGN KEY (location_id)
        REFERENCES public.locations (id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE public.stitch_queue
    ADD CONSTRAINT stitch_queue_pkey PRIMARY KEY (entity_ref);
