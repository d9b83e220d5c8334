import Foundation
import Testing

/// `roost init` as a new user calls it.
@Suite struct InitProgramTests {
  private static let tables = """
    CREATE TABLE users (id int PRIMARY KEY, email text);
    CREATE TABLE orders (id int PRIMARY KEY, user_id int, total numeric(8,2), created_at timestamptz);
    """

  @Test func `it ends with the commands to type next, which work`() async throws {
    try await withProject { project in
      try await project.sql(
        Self.tables + """
          INSERT INTO users SELECT i FROM generate_series(1, 200) i;
          SELECT setseed(0.4);
          INSERT INTO orders SELECT i, 1 + i % 200, 10,
            timestamptz '2024-01-01' + random() * (0.2 + (i % 200) / 250.0) * interval '400 days'
          FROM generate_series(1, 2400) i;
          """)
      var project = project
      project.environment["WAREHOUSE_DATABASE_URL"] = nil
      let program = project.program
      let made = try await program.run("init", "fresh")
      #expect(made.status == 0, "\(made.errors)")
      #expect(
        made.output == """
          fresh/pipelines/roost.yaml
          fresh/pipelines/user_segments.yaml

          """)
      #expect(made.errors.contains("about public.users.id: public.orders belongs to it"))
      let steps = made.errors.split(separator: "\n").filter { $0.hasPrefix("  roost ") }
      #expect(steps.count == 4)
      for step in steps where !step.contains("preview") {
        let words = step.split(separator: "  ")[0].split(separator: " ").dropFirst().map(
          String.init)
        let result = try await program.start(words).result()
        #expect(result.status == 0, "\(step): \(result.errors)")
      }
    }
  }

  @Test func `files are never written over, and none is written where one stands`() async throws {
    try await withProject { project in
      try await project.sql(Self.tables)
      let mine = try project.write("fresh/pipelines/user_segments.yaml", "mine")
      let refused = try await project.program.run("init", "fresh")
      #expect(refused.status == 2)
      #expect(refused.errors.contains("fresh/pipelines/user_segments.yaml exists already"))
      #expect(try String(contentsOfFile: mine, encoding: .utf8) == "mine")
      let folder = project.folder.appending(path: "fresh/pipelines").path
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["user_segments.yaml"])
      // A file stands where a folder should be made.
      try project.write("other", "a file")
      let blocked = try await project.program.run("init", "other")
      #expect(blocked.status == 1)
      #expect(blocked.errors.contains("other/pipelines cannot be written"))
    }
  }

  @Test func `what it cannot do it says, with what to do`() async throws {
    try await withProject { project in
      var project = project
      let program = project.program
      let empty = try await program.run("init", "fresh")
      #expect(empty.status == 1)
      #expect(empty.errors.contains("there is no table in"))
      #expect(empty.errors.contains("--connection-variable"))
      let unset = try await program.run("init", "fresh", "--connection-variable", "NOWHERE_URL")
      #expect(unset.status == 2)
      #expect(unset.errors.contains("NOWHERE_URL is not set"))

      try await project.sql("CREATE TABLE parts (part_id int PRIMARY KEY, made_on date)")
      let nobody = try await program.run("init", "fresh")
      #expect(nobody.status == 1)
      #expect(nobody.errors.contains("no table of customers was found among public.parts"))
      let schema = try await program.run("init", "fresh", "--schema", "sales")
      #expect(schema.status == 64)
      #expect(schema.errors.contains("schemas with tables: public"))
      let column = try await program.run("init", "fresh", "--entity", "parts.part")
      #expect(column.status == 64)
      #expect(column.errors.contains("there are: part_id, made_on"))
      let alone = try await program.run("init", "fresh", "--entity", "parts.part_id")
      #expect(alone.status == 1)
      #expect(alone.errors.contains("no table says when"))
      let zone = try await program.run("init", "fresh", "--timezone", "Mars/Crater")
      #expect(zone.status == 64)

      project.environment["SHOP_DATABASE_URL"] = "postgresql://a:secret-word@127.0.0.1:1/shop"
      let unreachable = try await project.program.run("init", "fresh")
      #expect(unreachable.status == 5)
      #expect(!unreachable.errors.contains("secret-word"))
      #expect(!FileManager.default.fileExists(atPath: project.folder.appending(path: "fresh").path))
    }
  }

  @Test func `a role that may read nothing is told what to grant`() async throws {
    try await withProject { project in
      let role = "nobody_\(project.database.name)"
      try await project.sql(Self.tables + "CREATE ROLE \(role) LOGIN;")
      var project = project
      let url = project.database.url.replacing("user=postgres", with: "user=\(role)")
      project.environment["SHOP_DATABASE_URL"] = url
      project.environment["WAREHOUSE_DATABASE_URL"] = nil
      let refused = try await project.program.run("init", "fresh")
      #expect(refused.status == 1)
      #expect(refused.errors.contains("may read none of the 2 tables"))
      // Some columns of one table are enough; the others are not read.
      try await project.sql(
        """
        GRANT SELECT (id) ON users TO \(role);
        GRANT SELECT ON orders TO \(role);
        """)
      let some = try await project.program.run("init", "fresh")
      #expect(some.status == 0, "\(some.errors)")
      // The draft is right; the role has yet to be let make schemas.
      let early = try await project.program.run("check", "fresh/pipelines/user_segments.yaml")
      #expect(early.status == 2)
      #expect(early.errors.contains("it lacks CREATE ON DATABASE"), "\(early.errors)")
      try await project.sql("GRANT CREATE ON DATABASE \(project.database.name) TO \(role)")
      let check = try await project.program.run("check", "fresh/pipelines/user_segments.yaml")
      #expect(check.status == 0, "\(check.errors)")
      try await project.sql("DROP OWNED BY \(role); DROP ROLE \(role);")
    }
  }
}
