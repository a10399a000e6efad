"""Nobody changes or deletes what a closed month said, by whatever path: the database
refuses it."""

from django.db import migrations

TABLES = ("rollups_revision", "rollups_revisionrow", "rollups_reopening")
SENTENCE = "closed revisions are never changed"

POSTGRESQL = f"""
CREATE FUNCTION rollups_keep_revisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
POSTGRESQL_TABLE = """
CREATE TRIGGER {table}_never_changes BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION rollups_keep_revisions();
"""
SQLITE_TABLE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{sentence}'); END;
"""


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        for table in TABLES:
            schema_editor.execute(POSTGRESQL_TABLE.format(table=table), params=None)
        return
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(
                SQLITE_TABLE.format(table=table, verb=verb, sentence=SENTENCE),
                params=None,
            )


def unguard(apps, schema_editor):
    for table in TABLES:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_never_changes ON {table}")
        else:
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION rollups_keep_revisions()")


class Migration(migrations.Migration):
    dependencies = [("rollups", "0003_revisions")]

    operations = [migrations.RunPython(guard, unguard)]
