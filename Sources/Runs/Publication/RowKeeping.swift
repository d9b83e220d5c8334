import PipelineFiles
import PostgresClient

/// Refuses changes by hand of rows that are published. An emptied partition would make a history smaller
/// without a word: which rows a query misses, no reader of the others looks at.
///
/// The triggers are of statements, so that they cost readers nothing and loading neither, for rows are
/// loaded before. Those of the partitioned table stand for statements that name it; TRUNCATE asks both.
enum RowKeeping {
  private static let trigger = "roost_keeps_rows"

  /// The statement that makes a table refuse changes.
  static func statement(for table: QualifiedName) throws -> String {
    """
    CREATE OR REPLACE TRIGGER \(trigger) BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON \(try table.sql) FOR EACH STATEMENT EXECUTE FUNCTION roost_data.keep_rows()
    """
  }

  /// Gives the trigger to what an older roost published, or a dump has lost; one that somebody has switched
  /// off stays so. Tables that are in use or somebody else's are left for the next time.
  static func complete(on connection: PostgresConnection) async throws {
    let bare = try await connection.query(
      """
      SELECT c.relname FROM pg_class c
      WHERE c.relnamespace = 'roost_data'::regnamespace AND c.relkind IN ('r', 'p')
        AND ('roost_data.' || c.relname IN (SELECT rows_in FROM roost.publications)
          OR 'roost_data.' || c.relname IN (SELECT data_table FROM roost.targets))
        AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = $1)
      ORDER BY c.relname
      """, [.text(trigger)])
    for row in bare {
      let table = QualifiedName(schema: "roost_data", name: try row.string("relname"))
      let statement = try statement(for: table)
      do {
        try await connection.transaction { database in
          // Readers do not wait for this, but a publication would.
          try database.execute("SET LOCAL lock_timeout = '100ms'")
          try database.execute(statement)
        }
      } catch let error as PostgresError where error.kind == .statement {
        continue
      }
    }
  }
}
