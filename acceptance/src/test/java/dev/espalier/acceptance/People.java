package dev.espalier.acceptance;

import java.time.LocalDate;
import org.jooq.Identity;
import org.jooq.TableField;
import org.jooq.UniqueKey;
import org.jooq.impl.DSL;
import org.jooq.impl.Internal;
import org.jooq.impl.SQLDataType;
import org.jooq.impl.TableImpl;
import org.jooq.impl.UpdatableRecordImpl;

/** The table {@code people} as jOOQ's generator writes it where it is run by the schema's owner. */
final class People extends TableImpl<People.PersonRecord> {

    private static final long serialVersionUID = 1;

    static final People PEOPLE = new People();

    static final TableField<PersonRecord, Long> ID =
            createField(DSL.name("id"), SQLDataType.BIGINT.nullable(false).generatedByDefaultAsIdentity(), PEOPLE, "");
    static final TableField<PersonRecord, String> EMAIL =
            createField(DSL.name("email"), SQLDataType.CLOB.nullable(false), PEOPLE, "");
    static final TableField<PersonRecord, String> NAME =
            createField(DSL.name("name"), SQLDataType.VARCHAR(80).nullable(false), PEOPLE, "");
    static final TableField<PersonRecord, String> PHONE = createField(DSL.name("phone"), SQLDataType.CLOB, PEOPLE, "");
    static final TableField<PersonRecord, LocalDate> JOINED =
            createField(DSL.name("joined"), SQLDataType.LOCALDATE.nullable(false), PEOPLE, "");
    static final TableField<PersonRecord, String> CITY = createField(DSL.name("city"), SQLDataType.CLOB, PEOPLE, "");
    static final TableField<PersonRecord, Integer> VERSION =
            createField(DSL.name("version"), SQLDataType.INTEGER.nullable(false), PEOPLE, "");

    /** One of its rows. */
    static final class PersonRecord extends UpdatableRecordImpl<PersonRecord> {

        private static final long serialVersionUID = 1;

        PersonRecord() {
            super(PEOPLE);
        }
    }

    private People() {
        super(DSL.name("people"), DSL.schema(DSL.name("public")));
    }

    @Override
    public Class<PersonRecord> getRecordType() {
        return PersonRecord.class;
    }

    @Override
    @SuppressWarnings("unchecked")
    public UniqueKey<PersonRecord> getPrimaryKey() {
        return Internal.createUniqueKey(this, DSL.name("people_pkey"), ID);
    }

    @Override
    public Identity<PersonRecord, Long> getIdentity() {
        return Internal.createIdentity(this, ID);
    }

    @Override
    public TableField<PersonRecord, Integer> getRecordVersion() {
        return VERSION;
    }
}
