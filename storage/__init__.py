"""What is kept: tables, engine, unit of work, queries, migrations. Imports nothing of ours."""
