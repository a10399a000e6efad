"""Ages in SQL, as ``Member.age_on`` gives them in Python."""

from datetime import date

from django.db.models import Func, IntegerField


class AgeOn(Func):
    """The age in whole years on a day of somebody born in the month *born*, a first
    day of a month; the month of birth counts as reached."""

    arity = 1
    output_field = IntegerField()

    def __init__(self, born, day: date | None = None, **extra):
        if day is not None:
            extra |= {"year": day.year, "month": day.month}
        super().__init__(born, **extra)

    def as_sqlite(self, compiler, connection, **context):
        # A date is text there, and EXTRACT a Python function called for every row.
        template = (
            "(%(year)s - CAST(SUBSTR(%(expressions)s, 1, 4) AS integer)"
            " - (CAST(SUBSTR(%(expressions)s, 6, 2) AS integer) > %(month)s))"
        )
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler, connection, **context):
        template = (
            "(%(year)s - EXTRACT(YEAR FROM %(expressions)s)::integer"
            " - (EXTRACT(MONTH FROM %(expressions)s) > %(month)s)::integer)"
        )
        return self.as_sql(compiler, connection, template=template, **context)
