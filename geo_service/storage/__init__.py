"""The store: keeps and finds, never decides. One behaviour on two databases.

- ``store``: ``open_store(url)``, ``create_store(url)``, ``upgrade_store(url)`` → ``Store`` with ``reading()`` and
  ``writing()`` (one transaction each; ``writing`` commits at exit)
- ``tables``: ``TABLES[layer name]`` and the tables of versions, history, audit, accounts, runs
- ``rows``: ``get``, ``page``, ``insert``, ``update``, ``retire``; one row at a time, as dicts
- ``bulk``: ``upsert(conn, layer, frame, actor=, now=, progress=)``, ``read_frame``, ``ids_by_code``, ``refresh_places``
- ``ways``: ``write_ways``, ``read_ways``, ``networks``
- ``versions``: ``layer_versions``, ``history``
- ``runs``: ``insert_run``, ``find_done``, ``get_run``, ``list_runs``, ``write_part``, ``read_part``, ``part_names``
- ``jobs``: ``Jobs(path)``; the queue in a file of its own
- ``spatial``: ``near``, ``within``, ``mvt``, ``tile_rows``, ``encode_mvt``; boxes for ``rows.page`` and ``read_frame``
- ``copying``, ``checking``: a whole store into another; is a store sound
"""
