"""psycopg 3: parameters, a server-side cursor, COPY both ways, a pipeline, a notification."""
import psycopg

with psycopg.connect("", autocommit=True) as session:
    session.execute("CREATE TABLE psycopg_items (id int PRIMARY KEY, name text)")
    with session.cursor().copy("COPY psycopg_items FROM STDIN") as copy:
        for i in range(1000):
            copy.write_row((i, f"item {i}"))
    with session.transaction(), session.cursor(name="reader") as reader:
        reader.itersize = 100
        reader.execute("SELECT id FROM psycopg_items ORDER BY id")
        assert [row[0] for row in reader] == list(range(1000))
    with session.pipeline():
        results = [session.execute("SELECT name FROM psycopg_items WHERE id = %s", (i,)) for i in range(50)]
        assert [result.fetchone()[0] for result in results] == [f"item {i}" for i in range(50)]
    with session.cursor().copy("COPY psycopg_items TO STDOUT") as copy:
        assert sum(1 for _ in copy.rows()) == 1000
    session.execute("LISTEN told")
    with psycopg.connect("", autocommit=True) as other:
        other.execute("NOTIFY told, 'hello'")
    assert next(session.notifies()).payload == "hello"
print("ok")
