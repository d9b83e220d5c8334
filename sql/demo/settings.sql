-- How psql shows what the demo made.
\set QUIET on
\pset pager off
\pset null ·
\pset footer off
\pset linestyle unicode
\pset border 1
