import Testing

/// Pipelines that publish into one schema.
@Suite struct SharedSchemaTests {
  @Test func `first publications into a new schema at the same time all succeed`() async throws {
    try await withProject(settings: "grant_to: pg_monitor") { project in
      try await project.setUpUsers()
      let names = (1...6).map { "users\($0)" }
      for name in names { try project.writeUsers(name) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for name in names { group.addTask { try await project.run("\(name).yaml") } }
        try await group.waitForAll()
      }
      #expect(
        try await project.relations(in: "marketing")
          == names.flatMap { [$0, $0 + "_current"] })
      let rights = try await project.texts(
        """
        SELECT (has_schema_privilege('pg_monitor', 'marketing', 'USAGE')
          AND has_table_privilege('pg_monitor', oid, 'SELECT'))::text
        FROM pg_class WHERE relnamespace = 'marketing'::regnamespace
        """)
      #expect(Set(rights) == ["true"])
    }
  }

  @Test func `a schema that stands needs no right to make schemas`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      let role = "writer_\(project.database.name)"
      try await project.sql(
        """
        CREATE ROLE \(role) LOGIN;
        GRANT USAGE ON SCHEMA shop TO \(role);
        GRANT SELECT ON ALL TABLES IN SCHEMA shop TO \(role);
        ALTER SCHEMA roost OWNER TO \(role);
        ALTER SCHEMA roost_data OWNER TO \(role);
        ALTER SCHEMA marketing OWNER TO \(role);
        DO $$ DECLARE r record; BEGIN
          FOR r IN SELECT oid::regclass AS name FROM pg_class WHERE relkind IN ('r', 'p', 'v')
            AND relnamespace IN ('roost'::regnamespace, 'roost_data'::regnamespace,
              'marketing'::regnamespace)
          LOOP EXECUTE format('ALTER TABLE %s OWNER TO \(role)', r.name); END LOOP;
          FOR r IN SELECT oid::regprocedure AS name FROM pg_proc
            WHERE pronamespace = 'roost_data'::regnamespace
          LOOP EXECUTE format('ALTER FUNCTION %s OWNER TO \(role)', r.name); END LOOP;
        END $$;
        """)
      var other = project
      let url = project.database.url.replacing("user=postgres", with: "user=\(role)")
      other.environment["WAREHOUSE_DATABASE_URL"] = url
      try other.writeUsers("more")
      try await other.run("more.yaml")
      #expect(try await project.count("marketing.more_current") == 10)
    }
  }
}
