"""Django's ORM, which writes all columns of what it saves."""
import datetime
import os

import django
from django.conf import settings
from django.core.paginator import Paginator

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
            "USER": os.environ["PGUSER"],
            "PASSWORD": os.environ["PGPASSWORD"],
            "OPTIONS": {"sslmode": os.environ["PGSSLMODE"]},
        }
    },
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django.db import ProgrammingError, models, transaction  # noqa: E402 (needs the settings)


class Person(models.Model):
    email = models.TextField(unique=True)
    name = models.CharField(max_length=80)
    phone = models.TextField(null=True)
    joined = models.DateField()
    city = models.TextField()
    version = models.IntegerField(default=1)

    class Meta:
        app_label = "crm"
        db_table = "people"
        managed = False


pages = Paginator(Person.objects.order_by("id"), 10)
assert (pages.count, pages.num_pages) == (25, 3)
assert [person.id for person in pages.page(2)] == [*range(11, 21)]
assert [person.id for person in Person.objects.filter(id__gt=20).order_by("id")[:3]] == [21, 22, 23]
assert all(p.email == "p***@raw.example" and p.name == "***" and p.phone is None for p in Person.objects.all())

person = Person.objects.create(email="new@raw.example", name="New", phone="+41 1", joined=datetime.date(2020, 5, 5), city="Genf")
assert person.id > 25, person.id
# What he has in memory is not what he may see; whether it is the same as in the table, nobody tells him.
person.city = "Basel"
try:
    person.save()
    raise AssertionError("a masked column was compared")
except ProgrammingError as refused:
    assert "email is masked for you" in str(refused)
person.refresh_from_db()
assert (person.email, person.name, person.phone, person.city) == ("n***@raw.example", "***", None, "Genf")

# SELECT FOR UPDATE, then an UPDATE of every column.
person, created = Person.objects.update_or_create(id=3, defaults={"city": "Basel"})
assert not created
person.version = 2
person.save()

person = Person.objects.get(id=4)
person.city = "Basel"
person.email = "other@raw.example"
try:
    person.save()
    raise AssertionError("a masked column was changed")
except ProgrammingError as refused:
    assert "email is masked for you" in str(refused)

with transaction.atomic():
    Person.objects.get(id=5).delete()

# ON CONFLICT DO NOTHING, of one who is there.
Person.objects.bulk_create(
    [Person(email="p6@raw.example", name="Again", joined=datetime.date(2020, 5, 5), city="Genf")], ignore_conflicts=True)
assert Person.objects.count() == 25
print("ok")
