"""SQLAlchemy's ORM on psycopg2, which puts constants into the text itself."""
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine, func, inspect, select
from sqlalchemy.orm import Session, declarative_base, relationship

Base = declarative_base()


class Team(Base):
    __tablename__ = "alchemy_team"
    id = Column(Integer, primary_key=True)
    name = Column(String(40), unique=True)
    members = relationship("Member", back_populates="team", order_by="Member.id")


class Member(Base):
    __tablename__ = "alchemy_member"
    id = Column(Integer, primary_key=True)
    name = Column(String(40))
    team_id = Column(ForeignKey("alchemy_team.id"))
    team = relationship("Team", back_populates="members")


engine = create_engine("postgresql+psycopg2://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Team(name="one", members=[Member(name=f"o'{i}") for i in range(20)]))
    session.commit()
with Session(engine) as session:
    team = session.execute(select(Team)).scalar_one()
    assert [member.name for member in team.members] == [f"o'{i}" for i in range(20)]
    team.members[3].name = "changed"
    session.delete(team.members[4])
    session.commit()
    assert session.execute(select(func.count()).select_from(Member)).scalar_one() == 19
assert inspect(engine).get_pk_constraint("alchemy_team")["constrained_columns"] == ["id"]
print("ok")
