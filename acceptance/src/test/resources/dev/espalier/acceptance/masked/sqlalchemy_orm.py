"""SQLAlchemy's ORM, which writes the columns that were changed, with a version counter."""
import datetime

from sqlalchemy import BigInteger, Column, Date, Identity, Integer, String, create_engine, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session, declarative_base
from sqlalchemy.orm.attributes import flag_modified

Base = declarative_base()


class Person(Base):
    __tablename__ = "people"
    id = Column(BigInteger, Identity(), primary_key=True)
    email = Column(String)
    name = Column(String(80))
    phone = Column(String)
    joined = Column(Date)
    city = Column(String)
    version = Column(Integer, nullable=False)
    __mapper_args__ = {"version_id_col": version, "version_id_generator": lambda version: (version or 0) + 1}


engine = create_engine("postgresql+psycopg2://")
with Session(engine) as session:
    pages = [session.execute(select(Person).order_by(Person.id).limit(10).offset(start)).scalars().all() for start in (0, 10, 20)]
    assert [[person.id for person in page] for page in pages] == [[*range(1, 11)], [*range(11, 21)], [*range(21, 26)]]
    after = session.execute(select(Person).where(Person.id > 20).order_by(Person.id).limit(3)).scalars().all()
    assert [person.id for person in after] == [21, 22, 23]
    assert all(p.email == "p***@raw.example" and p.name == "***" and p.phone is None for page in pages for p in page)

with Session(engine) as session:
    person = Person(email="new@raw.example", name="New", phone="+41 1", joined=datetime.date(2020, 5, 5), city="Genf")
    session.add(person)
    session.commit()
    assert person.id > 25
    # Read again after the commit.
    assert (person.email, person.name, person.phone, person.city) == ("n***@raw.example", "***", None, "Genf")

with Session(engine) as session:
    person = session.get(Person, 3)
    person.city = "Basel"
    for column in ("email", "name", "phone", "joined"):
        flag_modified(person, column)
    session.commit()

with Session(engine) as session:
    person = session.get(Person, 4)
    person.city = "Basel"
    person.email = "other@raw.example"
    try:
        session.commit()
        raise AssertionError("a masked column was changed")
    except ProgrammingError as refused:
        assert "email is masked for you" in str(refused)

with Session(engine) as session:
    session.delete(session.get(Person, 5))
    session.commit()
print("ok")
