"""What never changes once it has come about: the database refuses it, under the service's role.

The table is `models/frozen/`. A row of each of its tables stands in `rows.py` as it is when it is
frozen, made past every check; each column of each entry is then written as `qa_app` would, with the
reach of the service itself. The lawful ways are judged by the tests of the service, over HTTP; the
witnesses that open one are judged here, by subject as the table is.
"""
