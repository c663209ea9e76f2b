"""The store: keeps and finds, never decides. One behaviour on two databases.

- ``store``: ``open_store(url)``, ``create_store(url)``, ``upgrade_store(url)`` → ``Store`` with ``reading()`` (one
  frozen state, read only) and ``writing()`` (one transaction, committed at exit); ``migrate`` up and down
- ``tables``: ``TABLES[layer name]`` and the tables of versions, history, audit, accounts, runs
- ``rows``: ``get``, ``page``, ``insert``, ``update``, ``retire``; one row at a time, as dicts
- ``bulk``: ``upsert(conn, layer, frame, actor=, now=, progress=)``, ``read_frame(conn, layer, columns, geometry=,
  where=, bbox=)``, ``ids_by_code``, ``refresh_places``
- ``ways``: ``write_ways(conn, network_row, ways, actor=, now=)``, ``read_ways(conn, network_codes)``, ``networks``
- ``versions``: ``layer_versions``, ``raise_version``; history is appended to by every write
- ``runs``: ``insert_run``, ``find_done``, ``answers_to``, ``get_run``, ``list_runs``, ``write_part``, ``read_part``,
  ``part_names``
- ``jobs``: ``Jobs(path, clock)``; the queue in a file of its own · ``heavy_work``: who has begun how much, likewise
- ``spatial``: ``in_box``, ``near``, ``within``; tiles ``mvt(conn, layer, z, x, y, columns, extra=)``,
  ``mvt_cells(conn, layer, z, x, y)``, ``tile_rows``, ``encode_mvt``
- ``overview``, ``search``: counts and bounds of everything; rows by a part of code, name, address
- ``copying``: ``copy_store(source, target, progress)``, ``backup(store, path)`` · ``checking``: ``check_store(store)``

Underneath: ``geopackage`` (blobs and SQL functions of the embedded store), ``contents`` (its GeoPackage tables),
``rtree``, ``loading`` (executemany and COPY), ``values``, ``columns``, ``places``, ``owners`` (shapes of rows that
have none of their own), ``tile_space``, ``mvt``, ``schema`` (Alembic), ``faults`` (what a database says, in our
errors).
"""
