package dev.espalier.sql;

import java.util.Map;
import java.util.TreeMap;

/**
 * What follows from a statement's node alone.
 *
 * @param effect what it does
 * @param tag its command tag; {field} stands for the kind of object that a field of the node names, ? for a tag that
 *     {@link CommandTag} finds out
 */
record StatementKind(Effect effect, String tag) {

    private static final Map<String, StatementKind> KINDS = read("""
            SelectStmt                 SELECT       SELECT
            InsertStmt                 INSERT       INSERT
            UpdateStmt                 UPDATE       UPDATE
            DeleteStmt                 DELETE       DELETE
            MergeStmt                  MERGE        MERGE
            CopyStmt                   COPY_FROM    COPY
            TruncateStmt               TRUNCATE     TRUNCATE TABLE
            LockStmt                   TABLE_LOCK   LOCK TABLE
            ExplainStmt                EXPLAIN      EXPLAIN
            TransactionStmt            TRANSACTION  ?
            ConstraintsSetStmt         TRANSACTION  SET CONSTRAINTS
            VariableSetStmt            SET          ?
            VariableShowStmt           SHOW         SHOW
            DoStmt                     DO           DO
            CallStmt                   CALL         CALL
            PrepareStmt                PREPARE      PREPARE
            ExecuteStmt                EXECUTE      ?
            DeallocateStmt             DISCARD      ?
            DiscardStmt                DISCARD      ?
            DeclareCursorStmt          CURSOR       DECLARE CURSOR
            FetchStmt                  CURSOR       ?
            ClosePortalStmt            CURSOR       CLOSE CURSOR
            NotifyStmt                 NOTIFY       NOTIFY
            ListenStmt                 NOTIFY       LISTEN
            UnlistenStmt               NOTIFY       UNLISTEN
            VacuumStmt                 MAINTENANCE  ?
            ClusterStmt                MAINTENANCE  CLUSTER
            ReindexStmt                MAINTENANCE  REINDEX
            RefreshMatViewStmt         MAINTENANCE  REFRESH MATERIALIZED VIEW
            CheckPointStmt             SYSTEM       CHECKPOINT
            LoadStmt                   SYSTEM       LOAD
            AlterSystemStmt            SYSTEM       ALTER SYSTEM
            CreatedbStmt               SYSTEM       CREATE DATABASE
            AlterDatabaseStmt          SYSTEM       ALTER DATABASE
            AlterDatabaseSetStmt       SYSTEM       ALTER DATABASE
            AlterDatabaseRefreshCollStmt SYSTEM     ALTER DATABASE
            DropdbStmt                 SYSTEM       DROP DATABASE
            CreateTableSpaceStmt       SYSTEM       CREATE TABLESPACE
            AlterTableSpaceOptionsStmt SYSTEM       ALTER TABLESPACE
            DropTableSpaceStmt         SYSTEM       DROP TABLESPACE
            GrantStmt                  GRANT        ?
            GrantRoleStmt              GRANT        ?
            AlterDefaultPrivilegesStmt GRANT        ALTER DEFAULT PRIVILEGES
            AlterOwnerStmt             GRANT        ALTER {objectType}
            ReassignOwnedStmt          GRANT        REASSIGN OWNED
            DropOwnedStmt              DROP         DROP OWNED
            CreateRoleStmt             ROLE         CREATE ROLE
            AlterRoleStmt              ROLE         ALTER ROLE
            AlterRoleSetStmt           ROLE         ALTER ROLE
            DropRoleStmt               ROLE         DROP ROLE
            CreateStmt                 CREATE       CREATE TABLE
            CreateTableAsStmt          CREATE       ?
            CreateForeignTableStmt     CREATE       CREATE FOREIGN TABLE
            ViewStmt                   CREATE       CREATE VIEW
            IndexStmt                  CREATE       CREATE INDEX
            CreateSchemaStmt           CREATE       CREATE SCHEMA
            CreateSeqStmt              CREATE       CREATE SEQUENCE
            CreateFunctionStmt         CREATE       ?
            CreateTrigStmt             CREATE       CREATE TRIGGER
            CreateEventTrigStmt        CREATE       CREATE EVENT TRIGGER
            RuleStmt                   CREATE       CREATE RULE
            CreatePolicyStmt           CREATE       CREATE POLICY
            DefineStmt                 CREATE       CREATE {kind}
            CompositeTypeStmt          CREATE       CREATE TYPE
            CreateEnumStmt             CREATE       CREATE TYPE
            CreateRangeStmt            CREATE       CREATE TYPE
            CreateDomainStmt           CREATE       CREATE DOMAIN
            CreateStatsStmt            CREATE       CREATE STATISTICS
            CreateCastStmt             CREATE       CREATE CAST
            CreateConversionStmt       CREATE       CREATE CONVERSION
            CreateTransformStmt        CREATE       CREATE TRANSFORM
            CreateOpClassStmt          CREATE       CREATE OPERATOR CLASS
            CreateOpFamilyStmt         CREATE       CREATE OPERATOR FAMILY
            CreateAmStmt               CREATE       CREATE ACCESS METHOD
            CreatePLangStmt            CREATE       CREATE LANGUAGE
            CreateExtensionStmt        CREATE       CREATE EXTENSION
            CreateFdwStmt              CREATE       CREATE FOREIGN DATA WRAPPER
            CreateForeignServerStmt    CREATE       CREATE SERVER
            CreateUserMappingStmt      CREATE       CREATE USER MAPPING
            CreatePublicationStmt      CREATE       CREATE PUBLICATION
            CreateSubscriptionStmt     CREATE       CREATE SUBSCRIPTION
            ImportForeignSchemaStmt    CREATE       IMPORT FOREIGN SCHEMA
            AlterTableStmt             ALTER        ALTER {objtype}
            AlterTableMoveAllStmt      ALTER        ALTER {objtype}
            ReplicaIdentityStmt        ALTER        ALTER TABLE
            RenameStmt                 ALTER        ALTER {renameType}
            AlterObjectSchemaStmt      ALTER        ALTER {objectType}
            AlterObjectDependsStmt     ALTER        ALTER {objectType}
            AlterSeqStmt               ALTER        ALTER SEQUENCE
            AlterFunctionStmt          ALTER        ALTER {objtype}
            AlterTypeStmt              ALTER        ALTER TYPE
            AlterEnumStmt              ALTER        ALTER TYPE
            AlterDomainStmt            ALTER        ALTER DOMAIN
            AlterCollationStmt         ALTER        ALTER COLLATION
            AlterStatsStmt             ALTER        ALTER STATISTICS
            AlterOperatorStmt          ALTER        ALTER OPERATOR
            AlterOpFamilyStmt          ALTER        ALTER OPERATOR FAMILY
            AlterTSDictionaryStmt      ALTER        ALTER TEXT SEARCH DICTIONARY
            AlterTSConfigurationStmt   ALTER        ALTER TEXT SEARCH CONFIGURATION
            AlterEventTrigStmt         ALTER        ALTER EVENT TRIGGER
            AlterPolicyStmt            ALTER        ALTER POLICY
            AlterExtensionStmt         ALTER        ALTER EXTENSION
            AlterExtensionContentsStmt ALTER        ALTER EXTENSION
            AlterFdwStmt               ALTER        ALTER FOREIGN DATA WRAPPER
            AlterForeignServerStmt     ALTER        ALTER SERVER
            AlterUserMappingStmt       ALTER        ALTER USER MAPPING
            AlterPublicationStmt       ALTER        ALTER PUBLICATION
            AlterSubscriptionStmt      ALTER        ALTER SUBSCRIPTION
            CommentStmt                ALTER        COMMENT
            SecLabelStmt               ALTER        SECURITY LABEL
            DropStmt                   DROP         DROP {removeType}
            DropUserMappingStmt        DROP         DROP USER MAPPING
            DropSubscriptionStmt       DROP         DROP SUBSCRIPTION
            """);

    private static final StatementKind UNKNOWN = new StatementKind(Effect.UNKNOWN, "?");

    /** @return what is known of a node; {@link Effect#UNKNOWN} for one that this table lacks */
    static StatementKind of(String node) {
        return KINDS.getOrDefault(node, UNKNOWN);
    }

    /** @return whether a node is a statement: all their names end so, but the RETURN of an SQL function is an expression */
    static boolean isStatement(String node) {
        return node.endsWith("Stmt") && !node.equals("ReturnStmt");
    }

    private static Map<String, StatementKind> read(String table) {
        Map<String, StatementKind> kinds = new TreeMap<>();
        for (String line : table.split("\n")) {
            String[] row = line.split(" +", 3);
            kinds.put(row[0], new StatementKind(Effect.valueOf(row[1]), row[2]));
        }
        return Map.copyOf(kinds);
    }
}
