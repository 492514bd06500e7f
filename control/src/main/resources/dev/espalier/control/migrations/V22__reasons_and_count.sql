-- What programs are told of why an operation failed, as of a call that was refused.
ALTER TABLE control.operation ADD COLUMN error_reason text NOT NULL DEFAULT '';
ALTER TABLE control.operation ADD COLUMN error_metadata jsonb NOT NULL DEFAULT '{}';

-- How many operations have begun; it is kept beside the data, too.
ALTER TABLE control.installation ADD COLUMN changes bigint NOT NULL DEFAULT 0;
